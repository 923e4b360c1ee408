import { delimiter, dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { type Config, describeSettings, environmentName, type SettingName, settings } from '../config.ts';
import { badInput } from '../errors.ts';
import { codeOf, fileTrouble } from '../file-errors.ts';
import { similarNames } from '../similar-names.ts';
import { checkAudit } from './audit.ts';
import { absoluteUrlFiles, readUrlFiles, urlFilesOf } from './connections.ts';
import { settingsFileIn, usualDataDirectory } from './data-directory.ts';
import { checkHttp } from './http.ts';
import { absoluteSecretFiles, readSecretFiles, secretFilesOf } from './oauth-secrets.ts';
import { createProblems, type Problems } from './problems.ts';
import {
  absoluteCollectionFiles,
  checkQdrantCollections,
  collectionFilesOf,
  readCollectionFiles,
} from './qdrant-collections.ts';
import { readText } from './read-text.ts';
import { checkStores } from './stores.ts';

export interface ConfigSources {
  /** Override the schema's defaults. */
  readonly defaults?: Readonly<Partial<Config>>;
  /** From `--config`; otherwise `hydrogen.json` in the working directory, if it exists. */
  readonly file?: string;
  /** Where the data directory is when no setting says; the platform's usual place by default. */
  readonly dataDirectory?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line, by setting name; values are parsed like those of the environment. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

type Values = Record<string, unknown>;

const known = Object.keys(settings.shape);
const pathSettings: readonly SettingName[] = [
  'dataDir',
  'folders',
  'workflowFolders',
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

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

function whyUnreadable(error: unknown): string {
  if (isAbsent(error)) return 'there is no such file';
  const { reason = codeOf(error) } = fileTrouble(error) ?? {};
  return reason === '' && error instanceof Error ? `it is ${error.message}` : reason;
}

/** Only a file that is not there may be left out: what stands in one that cannot be read may restrict clients. */
function readConfigFile(file: string, required: boolean, problems: Problems): FileValues {
  let text: string;
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
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return resolve(base, path);
    problems.add(`Setting "${name}" must be a path on this machine, not a URL.`);
    return path;
  };
  for (const name of pathSettings) {
    const value = made[name];
    if (typeof value === 'string') made[name] = absolute(name, value);
    if (Array.isArray(value)) made[name] = value.map((v) => (typeof v === 'string' ? absolute(name, v) : v));
  }
  if ('connections' in made) made['connections'] = absoluteUrlFiles(made['connections'], base);
  if ('qdrantCollections' in made) {
    made['qdrantCollections'] = absoluteCollectionFiles(made['qdrantCollections'], base);
  }
  if ('oauth' in made) made['oauth'] = absoluteSecretFiles(made['oauth'], base);
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

/** The type of its default, or where it has none, whether it is a number. */
const jsonType = (name: string): string => {
  const value = settings.parse({})[name as SettingName];
  if (value === undefined) {
    const type = describeSettings().find((setting) => setting.name === name)?.type;
    return type === 'integer' || type === 'number' ? 'number' : 'string';
  }
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
    // Its name is not shown: it is the secret itself where somebody took one variable for the other.
    const why = whyUnreadable(cause);
    throw badInput(`Environment variable ${variable}: the file it names cannot be read: ${why}.`, { cause });
  }
}

/** Settings from the environment, and the files that held secrets. */
function readEnvironment(
  environment: ConfigSources['environment'],
  problems: Problems,
): { values: Values; files: string[] } {
  const byName = new Map(known.map((name) => [environmentName(name), name]));
  const secrets = describeSettings().filter((setting) => setting.secret);
  const secretFiles = new Map(secrets.map((setting) => [`${setting.environment}_FILE`, setting.name]));
  const values: Values = {};
  const files: string[] = [];
  const read = (variable: string, text: string): void => {
    const name = byName.get(variable);
    const secret = secretFiles.get(variable);
    if (name) values[name] = fromText(name, text, `Environment variable ${variable}`);
    else if (secret) {
      values[secret] = readSecret(variable, text);
      files.push(resolve(text));
    } else problems.add(unknownSetting(variable, 'Environment'));
  };
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('HYDROGEN_') || text === undefined || text === '') continue;
    problems.collect(() => read(variable, text), undefined);
  }
  return { values, files };
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
  /** Those of them that hold a secret and nothing else. */
  readonly secretFiles: readonly string[];
  /** In the order in which they are read: what stands in the later ones wins. */
  readonly settingsFiles: readonly SettingsFile[];
  /** Where each setting's value came from that is not the default. */
  readonly origins: ReadonlyMap<string, string>;
}

/** What the settings files say. The nearer file may say where the data directory, with the other one, is. */
function readFiles(
  { file, workingDirectory, dataDirectory, defaults }: ConfigSources,
  given: Values,
  problems: Problems,
): { readonly source: SettingsFile; readonly values: Values }[] {
  const path = resolve(workingDirectory, file ?? 'hydrogen.json');
  const { values, isRead } = readConfigFile(path, file !== undefined, problems);
  const what = file === undefined ? 'hydrogen.json of the working directory' : 'the file named by --config';
  const near = { source: { path, what, isRead }, values };
  const dataDir = [given, values, defaults ?? {}]
    .map((some) => some['dataDir'])
    .find((one) => one !== undefined);
  const chosen = typeof dataDir === 'string' ? dataDir : (dataDirectory ?? usualDataDirectory());
  const common = settingsFileIn(chosen);
  if (common === path) return [near];
  const found = readConfigFile(common, false, problems);
  const { dataDir: misplaced, ...others } = found.values;
  if (misplaced !== undefined) {
    problems.add(
      `${common}: "dataDir" cannot stand in the data directory itself. Set it with HYDROGEN_DATA_DIR or --data-dir.`,
    );
  }
  const source = { path: common, what: 'hydrogen.json of the data directory', isRead: found.isRead };
  return [{ source, values: others }, near];
}

function originsOf(
  files: readonly { readonly source: SettingsFile; readonly values: Values }[],
  environment: Values,
  overrides: Values,
): Map<string, string> {
  const origins = new Map<string, string>();
  for (const { source, values } of files)
    for (const name of Object.keys(values)) origins.set(name, source.path);
  for (const name of Object.keys(environment)) origins.set(name, 'environment');
  for (const name of Object.keys(overrides)) origins.set(name, 'command line');
  return origins;
}

/**
 * Settings from defaults, the `hydrogen.json` of the data directory, that of the working directory (or the file named
 * instead), environment and command line; later sources win.
 * @throws HydrogenError `bad_input` naming every setting that is wrong, its source and what is allowed.
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { defaults, environment, overrides, workingDirectory } = sources;
  const problems = createProblems();
  const fromEnvironment = readEnvironment(environment, problems);
  const fromCommandLine = readOverrides(overrides, problems);
  const given = absolutePaths({ ...fromEnvironment.values, ...fromCommandLine }, workingDirectory, problems);
  const read = readFiles(sources, given, problems);
  const fromFiles: Values = Object.assign({}, ...read.map(({ values }) => values));
  const values: Values = { ...defaults, ...fromFiles, ...given };
  const urlFiles = [...read.map((each) => each.values), given].flatMap(
    ({ connections, qdrantCollections, oauth }) => [
      ...urlFilesOf(connections),
      ...collectionFilesOf(qdrantCollections),
      ...secretFilesOf(oauth),
    ],
  );
  if ('connections' in values) {
    values['connections'] = problems.collect(() => readUrlFiles(values['connections']), undefined);
  }
  if ('qdrantCollections' in values) {
    values['qdrantCollections'] = problems.collect(
      () => readCollectionFiles(values['qdrantCollections']),
      undefined,
    );
  }
  if ('oauth' in values) {
    values['oauth'] = problems.collect(() => readSecretFiles(values['oauth']), undefined);
  }
  const origins = originsOf(read, fromEnvironment.values, fromCommandLine);
  const result = settings.safeParse(values);
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const place =
      name in fromFiles && !(name in given) ? ` in ${origins.get(name)}` : ` (${environmentName(name)})`;
    const inside = issue.path.length > 1 ? ` ${issue.path.slice(1).map(String).join('.')}` : '';
    problems.add(`Setting "${name}"${place}:${inside} ${issueMessage(issue)}.`);
  }
  if (result.data) {
    check(result.data, problems);
    const keyFile = environment[`${environmentName('auditKey')}_FILE`];
    const isFromFile = fromEnvironment.values['auditKey'] !== undefined && keyFile !== undefined;
    checkAudit(result.data, isFromFile ? resolve(keyFile) : origins.get('auditKey'), problems);
  }
  problems.throwIfAny();
  const settingsFiles = read.map(({ source }) => source);
  const { httpTlsCert, httpTlsKey } = result.data ?? {};
  const secretFiles = [...fromEnvironment.files, ...urlFiles, ...(httpTlsKey ? [httpTlsKey] : [])];
  const files = [
    ...settingsFiles.map(({ path }) => path).reverse(),
    ...secretFiles,
    ...(httpTlsCert ? [httpTlsCert] : []),
  ];
  return { config: settings.parse(values), files, secretFiles, settingsFiles, origins };
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function issueMessage(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  const isNumber = 'origin' in issue && (issue.origin === 'number' || issue.origin === 'int');
  if (issue.code === 'too_small' && isNumber) return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_small' && 'origin' in issue && issue.origin === 'array') return 'must not be empty';
  if (issue.code === 'too_big' && isNumber) return `must be at most ${issue.maximum}`;
  // The reason for an invalid key is in the nested issue.
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
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
