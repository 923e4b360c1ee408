import { delimiter, dirname, resolve } from 'node:path';
import { type Config, describeSettings, environmentName, type SettingName, settings } from '../config.ts';
import { badInput } from '../errors.ts';
import { similarNames } from '../similar-names.ts';
import { absoluteUrlFiles, readUrlFiles, urlFilesOf } from './connections.ts';
import { readText } from './read-text.ts';

export interface ConfigSources {
  /** Override the schema's defaults. */
  readonly defaults?: Readonly<Partial<Config>>;
  /** From `--config`; otherwise `hydrogen.json` in the working directory, if it exists. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line, by setting name; values are parsed like those of the environment. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

type Values = Record<string, unknown>;

const known = Object.keys(settings.shape);
const pathSettings: readonly SettingName[] = ['dataDir', 'folders', 'workflowFolders'];

function unknownSetting(name: string, where: string): Error {
  const suggestions = similarNames(name, known);
  const hint =
    suggestions.length > 0 ? ` Did you mean ${suggestions.map((n) => `"${n}"`).join(' or ')}?` : '';
  return badInput(`${where}: there is no setting "${name}".${hint} \`hydrogen config\` lists all settings.`, {
    suggestions,
  });
}

function readConfigFile(file: string, required: boolean): Values {
  let text: string;
  try {
    text = readText(file);
  } catch (cause) {
    if (!required) return {};
    throw badInput(`The configuration file ${file} cannot be read.`, { cause });
  }
  let values: unknown;
  try {
    values = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's message quotes the surrounding text, which may be a connection string.
    const [place = ''] = /at position \d+.*$/.exec(error instanceof Error ? error.message : '') ?? [];
    throw badInput(`${file} is not valid JSON${place && ` ${place}`}.`);
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw badInput(`${file} must hold one JSON object of settings.`);
  }
  const { $schema: _editorHint, ...given } = values as Values;
  for (const name of Object.keys(given)) if (!known.includes(name)) throw unknownSetting(name, file);
  return absolutePaths(given, dirname(resolve(file)));
}

/** Resolves relative paths against where they were written: the file's folder, or the working directory. */
function absolutePaths(values: Values, base: string): Values {
  const made: Values = { ...values };
  const absolute = (name: string, path: string): string => {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
      throw badInput(`Setting "${name}" must be a path on this machine, not a URL.`);
    }
    return resolve(base, path);
  };
  for (const name of pathSettings) {
    const value = made[name];
    if (typeof value === 'string') made[name] = absolute(name, value);
    if (Array.isArray(value)) made[name] = value.map((v) => (typeof v === 'string' ? absolute(name, v) : v));
  }
  if ('connections' in made) made['connections'] = absoluteUrlFiles(made['connections'], base);
  return made;
}

/** What is between separators; a comma within braces belongs to a pattern, such as `*.{md,txt}`. */
const nameItems = new RegExp(`(?:\\{[^}]*\\}|[^,${delimiter}])+`, 'g');

/** The items of a list as text: paths, which may have commas, or names and patterns. */
function listItems(name: string, text: string): string[] {
  const isPaths = pathSettings.some((setting) => setting === name);
  const items = isPaths ? text.split(delimiter) : (text.match(nameItems) ?? []);
  return (isPaths ? items : items.map((item) => item.trim())).filter(Boolean);
}

const jsonType = (name: string): string => {
  const value = settings.parse({})[name as SettingName];
  return Array.isArray(value) ? 'list' : typeof value;
};

/**
 * Converts text from the environment or the command line to the setting's type; a list is JSON, or separated like PATH,
 * one of names also by commas.
 * Errors do not repeat a value that may hold a secret.
 */
function fromText(name: string, text: string, where: string): unknown {
  switch (jsonType(name)) {
    case 'number':
      if (!/^-?\d+$/.test(text)) throw badInput(`${where}: ${name} must be a whole number, not "${text}".`);
      return Number(text);
    case 'boolean':
      if (/^(true|1|yes|on)$/i.test(text)) return true;
      if (/^(false|0|no|off)$/i.test(text)) return false;
      throw badInput(`${where}: ${name} must be true or false, not "${text}".`);
    case 'list':
      if (!text.startsWith('[')) return listItems(name, text);
      try {
        return JSON.parse(text);
      } catch {
        throw badInput(`${where}: ${name} is not a valid JSON list.`);
      }
    case 'object':
      try {
        return JSON.parse(text);
      } catch {
        throw badInput(`${where}: ${name} is not a valid JSON object.`);
      }
    default:
      return text;
  }
}

function readSecret(variable: string, file: string): string {
  try {
    return readText(file).trim();
  } catch (cause) {
    throw badInput(`Environment variable ${variable}: the file it names cannot be read.`, { cause });
  }
}

/** Settings from the environment, and the files that held secrets. */
function readEnvironment(environment: ConfigSources['environment']): { values: Values; files: string[] } {
  const byName = new Map(known.map((name) => [environmentName(name), name]));
  const secrets = describeSettings().filter((setting) => setting.secret);
  const secretFiles = new Map(secrets.map((setting) => [`${setting.environment}_FILE`, setting.name]));
  const values: Values = {};
  const files: string[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('HYDROGEN_') || text === undefined || text === '') continue;
    const name = byName.get(variable);
    const secret = secretFiles.get(variable);
    if (name) values[name] = fromText(name, text, `Environment variable ${variable}`);
    else if (secret) {
      values[secret] = readSecret(variable, text);
      files.push(resolve(text));
    } else throw unknownSetting(variable, 'Environment');
  }
  return { values, files };
}

function readOverrides(overrides: ConfigSources['overrides']): Values {
  const values: Values = {};
  for (const [name, text] of Object.entries(overrides)) {
    if (!known.includes(name)) throw unknownSetting(name, 'Command line');
    values[name] = fromText(name, text, 'Command line');
  }
  return values;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute paths of the settings and secret files in use; the settings file need not exist. */
  readonly files: readonly string[];
}

/**
 * Settings from defaults, `hydrogen.json`, environment and command line; later sources win.
 * @throws HydrogenError `bad_input` naming the setting, its source and what is allowed.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { defaults, file, environment, overrides, workingDirectory } = sources;
  const settingsFile = resolve(workingDirectory, file ?? 'hydrogen.json');
  const fromFile = readConfigFile(settingsFile, file !== undefined);
  const fromEnvironment = readEnvironment(environment);
  const given = absolutePaths({ ...fromEnvironment.values, ...readOverrides(overrides) }, workingDirectory);
  const values: Values = { ...defaults, ...fromFile, ...given };
  const urlFiles = [fromFile, given].flatMap(({ connections }) => urlFilesOf(connections));
  if ('connections' in values) values['connections'] = readUrlFiles(values['connections']);
  const result = settings.safeParse(values);
  if (result.success) {
    return { config: checked(result.data), files: [settingsFile, ...fromEnvironment.files, ...urlFiles] };
  }
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const place = name in given ? '' : name in fromFile ? ' in the settings file' : '';
    const inside = issue.path.length > 1 ? ` ${issue.path.slice(1).map(String).join('.')}:` : '';
    return `Setting "${name}"${place} (${environmentName(name)}):${inside} ${issueMessage(issue)}.`;
  });
  throw badInput(lines.join('\n'));
}

function issueMessage(issue: { readonly message: string; readonly issues?: readonly { message: string }[] }) {
  // The reason for an invalid key is in the nested issue.
  return issue.issues?.[0]?.message ?? issue.message;
}

/** Checks that involve several settings. */
function checked(config: Config): Config {
  const { connections, mongodbUrl, defaultConnection } = config;
  if (mongodbUrl !== undefined && Object.hasOwn(connections, 'mongodb')) {
    throw badInput('Settings "mongodbUrl" and "connections" both name a connection "mongodb". Rename one.');
  }
  const known = ['embedded', ...(mongodbUrl === undefined ? [] : ['mongodb']), ...Object.keys(connections)];
  if (defaultConnection === undefined || known.includes(defaultConnection)) return config;
  const suggestions = similarNames(defaultConnection, known);
  throw badInput(
    `Setting "defaultConnection": there is no connection "${defaultConnection}". Known: ${known.map((name) => `"${name}"`).join(', ')}.`,
    { suggestions },
  );
}
