import { delimiter, dirname, isAbsolute, resolve } from 'node:path';
import {
  type Config,
  environmentName,
  type GivenSettings,
  jsonTypeOf,
  type SettingName,
  secretSettings,
  settings,
} from '../config.ts';
import { badInput } from '../errors.ts';
import { repeatedName } from '../mql/values/repeated-names.ts';
import { similarNames } from '../similar-names.ts';
import { checkAudit } from './audit.ts';
import { settingsFileIn, usualDataDirectory } from './data-directory.ts';
import { fromHome } from './home-folder.ts';
import { checkHttp } from './http.ts';
import { issueMessage } from './issues.ts';
import { createProblems, type Problems } from './problems.ts';
import { checkQdrantCollections } from './qdrant-collections.ts';
import { isAbsent, readText, whyUnreadable } from './read-text.ts';
import {
  absoluteSecretFiles,
  fileNameOf,
  holdsSecrets,
  readSecretFiles,
  secretFilesOf,
} from './secret-files.ts';
import { checkStores } from './stores.ts';

export interface ConfigSources {
  /** Override the schema's defaults. */
  readonly defaults?: Readonly<Partial<GivenSettings>>;
  /** From `--config`; otherwise `hydrogen.json` in the working directory, if it exists. */
  readonly file?: string;
  /** Where the data directory is when no setting says; the platform's usual place by default. */
  readonly dataDirectory?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the machine, by default: Windows takes the names of variables in any case. */
  readonly platform?: NodeJS.Platform;
  /** From the command line, by setting name; values are parsed like those of the environment. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Hears of every file of settings or with a secret before it is read, also of those that cannot be. */
  readonly reading?: (path: string) => void;
}

type Values = Record<string, unknown>;

/** The secret that a file holds, by the name under which the file is given. */
const secretInFile: ReadonlyMap<string, SettingName> = new Map(
  secretSettings.map((name) => [fileNameOf(name), name]),
);
const known = [...Object.keys(settings.shape), ...secretInFile.keys()];
const pathSettings: readonly SettingName[] = [
  'dataDir',
  'folders',
  'workflowFolders',
  'exportFolder',
  'httpTlsCert',
  'httpTlsKey',
];

function unknownSetting(name: string, where: string): string {
  const suggestions = similarNames(name, known);
  const hint =
    suggestions.length > 0 ? ` Did you mean ${suggestions.map((n) => `"${n}"`).join(' or ')}?` : '';
  return `${where}: there is no setting "${name}".${hint} \`hydrogen --help\` lists all settings.`;
}

function parseConfigFile(file: string, text: string): Values {
  let values: unknown;
  try {
    values = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's message quotes the surrounding text, which may be a connection string.
    const [place = ''] = /at position \d+.*$/.exec(error instanceof Error ? error.message : '') ?? [];
    throw badInput(`${file} is not valid JSON${place && ` ${place}`}.`);
  }
  const repeated = repeatedName(text, values);
  if (repeated !== undefined) {
    throw badInput(
      `${file} names "${repeated}" twice in one object, of which only the last would count. Keep one.`,
    );
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw badInput(`${file} must hold one JSON object of settings.`);
  }
  return values as Values;
}

interface FileValues {
  readonly values: Values;
  /** Whether there is such a file. */
  readonly isRead: boolean;
}

/** Only a file that is not there may be left out: what stands in one that cannot be read may restrict clients. */
function readConfigFile(
  file: string,
  required: boolean,
  problems: Problems,
  reading: ConfigSources['reading'],
): FileValues {
  let text: string;
  reading?.(file);
  try {
    text = readText(file);
  } catch (error) {
    if (required || !isAbsent(error)) {
      problems.add(`The configuration file ${file} cannot be read: ${whyUnreadable(error)}.`);
    }
    return { values: {}, isRead: false };
  }
  const { $schema: _editorHint, ...given } = problems.collect(() => parseConfigFile(file, text), {});
  const values: Values = {};
  for (const [name, value] of Object.entries(given)) {
    if (known.includes(name)) values[name] = value;
    else problems.add(unknownSetting(name, file));
  }
  return { values: absolutePaths(values, dirname(resolve(file)), problems), isRead: true };
}

/** Resolves relative paths against where they were written: the file's folder, or the working directory. */
function absolutePaths(values: Values, base: string, problems: Problems): Values {
  const made: Values = { ...values };
  const absolute = (name: string, path: string): string => {
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return resolve(base, fromHome(path));
    problems.add(`Setting "${name}" must be a path on this machine, not a URL.`);
    return path;
  };
  for (const name of pathSettings) {
    const value = made[name];
    if (typeof value === 'string') made[name] = absolute(name, value);
    if (Array.isArray(value)) made[name] = value.map((v) => (typeof v === 'string' ? absolute(name, v) : v));
  }
  // A folder, unless it is a name: those have no "~" before them.
  const { embeddingModel } = made;
  if (typeof embeddingModel === 'string') made['embeddingModel'] = fromHome(embeddingModel);
  return absoluteSecretFiles(made, secretSettings, base);
}

/** What is between separators; a comma within braces belongs to a pattern, such as `*.{md,txt}`. */
const nameItems = new RegExp(`(?:\\{[^}]*\\}|[^,${delimiter}])+`, 'g');

/** The items of a list as text: paths, which may have commas, or names and patterns. */
function listItems(name: string, text: string): string[] {
  const isPaths = pathSettings.some((setting) => setting === name);
  const items = isPaths ? text.split(delimiter) : (text.match(nameItems) ?? []);
  return (isPaths ? items : items.map((item) => item.trim())).filter(Boolean);
}

/**
 * Converts text from the environment or the command line to the setting's type; a list is JSON, or separated like PATH,
 * one of names also by commas.
 * Errors do not repeat a value that may hold a secret.
 */
function fromText(name: string, text: string, where: string): unknown {
  switch (name in settings.shape ? jsonTypeOf(name as SettingName) : 'string') {
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

function readEnvironment(
  { environment, platform = process.platform }: ConfigSources,
  problems: Problems,
): Values {
  const byName = new Map(known.map((name) => [environmentName(name), name]));
  const values: Values = {};
  for (const [given, text] of Object.entries(environment)) {
    const variable = platform === 'win32' ? given.toUpperCase() : given;
    if (!variable.startsWith('HYDROGEN_') || text === undefined || text === '') continue;
    const name = byName.get(variable);
    if (name === undefined) problems.add(unknownSetting(variable, 'Environment'));
    else {
      const value = problems.collect(
        () => fromText(name, text, `Environment variable ${variable}`),
        undefined,
      );
      if (value !== undefined) values[name] = value;
    }
  }
  return values;
}

function readOverrides(overrides: ConfigSources['overrides'], problems: Problems): Values {
  const values: Values = {};
  for (const [name, text] of Object.entries(overrides)) {
    if (!known.includes(name)) problems.add(unknownSetting(name, 'Command line'));
    else {
      const value = problems.collect(() => fromText(name, text, 'Command line'), undefined);
      if (value !== undefined) values[name] = value;
    }
  }
  return values;
}

/** A settings file that was looked for. */
export interface SettingsFile {
  readonly path: string;
  /** Which it is, for people. */
  readonly what: string;
  readonly isRead: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute paths of the settings and secret files in use; a settings file need not exist. */
  readonly files: readonly string[];
  /** Those of them that hold a secret, alone or among other settings. */
  readonly secretFiles: readonly string[];
  /** In the order in which they are read: what stands in the later ones wins. */
  readonly settingsFiles: readonly SettingsFile[];
  /** Where each setting's value came from that is not the default. */
  readonly origins: ReadonlyMap<string, string>;
}

/** What the settings files say. The nearer file may say where the data directory, with the other one, is. */
function readFiles(
  { file, workingDirectory, dataDirectory, defaults, reading }: ConfigSources,
  given: Values,
  problems: Problems,
): { readonly source: SettingsFile; readonly values: Values }[] {
  const path = resolve(workingDirectory, fromHome(file ?? 'hydrogen.json'));
  const { values, isRead } = readConfigFile(path, file !== undefined, problems, reading);
  const what = file === undefined ? 'hydrogen.json of the working directory' : 'the file named by --config';
  const near = { source: { path, what, isRead }, values };
  const dataDir = [given, values, defaults ?? {}]
    .map((some: Values) => some['dataDir'])
    .find((one) => one !== undefined);
  const chosen = typeof dataDir === 'string' ? dataDir : (dataDirectory ?? usualDataDirectory());
  const common = settingsFileIn(chosen);
  if (common === path) return [near];
  const found = readConfigFile(common, false, problems, reading);
  const { dataDir: misplaced, ...others } = found.values;
  if (misplaced !== undefined) {
    problems.add(
      `${common}: "dataDir" cannot stand in the data directory itself. Set it with HYDROGEN_DATA_DIR or --data-dir.`,
    );
  }
  const source = { path: common, what: 'hydrogen.json of the data directory', isRead: found.isRead };
  return [{ source, values: others }, near];
}

/** What is set in one place. */
interface Layer {
  /** The path of a file, `environment` or `command line`. */
  readonly origin: string;
  readonly values: Values;
}

/** A secret and the file with it are the same setting: the last place that has either says which. */
function merged(layers: readonly Layer[], problems: Problems): Values {
  const values: Values = {};
  for (const { origin, values: given } of layers) {
    for (const [fileName, secret] of secretInFile) {
      if (given[secret] !== undefined && given[fileName] !== undefined) {
        problems.add(`Setting "${secret}" (${origin}): give ${secret} or ${fileName}, not both.`);
      }
      if (fileName in given) delete values[secret];
      if (secret in given) delete values[fileName];
    }
    Object.assign(values, given);
  }
  return values;
}

function originsOf(layers: readonly Layer[]): Map<string, string> {
  return new Map(
    layers.flatMap(({ origin, values }) =>
      Object.keys(values).map((name) => [secretInFile.get(name) ?? name, origin] as const),
    ),
  );
}

/** How a sentence calls the place where the file of a secret is named. */
function whereOf(secret: string, origin: string | undefined): string {
  if (origin === 'environment') return `Environment variable ${environmentName(fileNameOf(secret))}`;
  return `Setting "${fileNameOf(secret)}"${origin === undefined ? '' : ` (${origin})`}`;
}

/**
 * Settings from defaults, the `hydrogen.json` of the data directory, that of the working directory (or the file named
 * instead), environment and command line; later sources win.
 * @throws HydrogenError `bad_input` naming every setting that is wrong, its source and what is allowed.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { defaults = {}, overrides, workingDirectory, reading = () => {} } = sources;
  const problems = createProblems();
  const given: Layer[] = [
    { origin: 'environment', values: readEnvironment(sources, problems) },
    { origin: 'command line', values: readOverrides(overrides, problems) },
  ].map(({ origin, values }) => ({ origin, values: absolutePaths(values, workingDirectory, problems) }));
  const read = readFiles(sources, Object.assign({}, ...given.map(({ values }) => values)), problems);
  const layers: Layer[] = [...read.map(({ source, values }) => ({ origin: source.path, values })), ...given];
  const origins = originsOf(layers);
  const filesOfSecrets = layers.flatMap((layer) => secretFilesOf(layer.values, secretSettings));
  for (const path of filesOfSecrets) reading(path);
  const named = merged([{ origin: 'defaults', values: defaults }, ...layers], problems);
  const { values, unread } = readSecretFiles(
    named,
    secretSettings,
    (secret) => whereOf(secret, origins.get(secret)),
    problems,
  );
  const result = settings.safeParse(values);
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const origin = origins.get(name) ?? '';
    const place = isAbsolute(origin) ? ` in ${origin}` : ` (${environmentName(name)})`;
    const inside = issue.path.length > 1 ? ` ${issue.path.slice(1).map(String).join('.')}` : '';
    problems.add(`Setting "${name}"${place}:${inside} ${issueMessage(issue)}`);
  }
  // What is missing since its file cannot be read is not missed again.
  if (result.data && unread.length === 0) {
    check(result.data, problems);
    const { auditKeyFile } = named;
    const keyOrigin = typeof auditKeyFile === 'string' ? auditKeyFile : origins.get('auditKey');
    checkAudit(result.data, keyOrigin, problems);
  }
  problems.throwIfAny();
  const settingsFiles = read.map(({ source }) => source);
  const { httpTlsCert, httpTlsKey } = result.data ?? {};
  const withSecrets = read.filter(({ values: given }) => holdsSecrets(given, secretSettings));
  const secretFiles = [
    ...withSecrets.map(({ source }) => source.path),
    ...filesOfSecrets,
    ...(httpTlsKey ? [httpTlsKey] : []),
  ];
  const files = [
    ...new Set([...settingsFiles.map(({ path }) => path).reverse(), ...secretFiles]),
    ...(httpTlsCert ? [httpTlsCert] : []),
  ];
  const config = result.data ?? settings.parse(values);
  return { config, files, secretFiles, settingsFiles, origins };
}

/** Checks that involve several settings. */
function check(config: Config, problems: Problems): void {
  checkStores(config, problems);
  checkQdrantCollections(config, problems);
  checkHttp(config, problems);
  const { connections, mongodbUrl, defaultConnection } = config;
  if (mongodbUrl !== undefined && Object.hasOwn(connections, 'mongodb')) {
    problems.add('Settings "mongodbUrl" and "connections" both name a connection "mongodb". Rename one.');
  }
  const known = ['embedded', ...(mongodbUrl === undefined ? [] : ['mongodb']), ...Object.keys(connections)];
  if (defaultConnection === undefined || known.includes(defaultConnection)) return;
  problems.add(
    `Setting "defaultConnection": there is no connection "${defaultConnection}". Known: ${known.map((name) => `"${name}"`).join(', ')}.`,
  );
}
