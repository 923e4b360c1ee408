import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { fromHome } from './home-folder.ts';
import type { Problems } from './problems.ts';
import { readText, whyUnreadable } from './read-text.ts';

// Every secret may stand in a file of its own: `mongodbUrlFile` names one with the value of `mongodbUrl`, wherever a
// secret of that name could be. What is read is what the settings then hold.

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nobody needs a longer one; a credentials file of NATS has about a thousand bytes. */
const maxSecretBytes = 64_000;

export const fileNameOf = (secret: string): string => `${secret}File`;

/** An object that may have secrets, or the files that name them. */
interface Holder {
  readonly members: Values;
  /** What may stand in a file. */
  readonly secrets: readonly string[];
  /** Those of them that others may see all the same. */
  readonly plain?: readonly string[];
  /** For sentences. */
  readonly where: string;
}

type Change = (holder: Holder) => Values;

/** Anything of another shape than it should have is left for the schema to reject. */
const nested: Readonly<Record<string, (given: unknown, change: Change) => unknown>> = {
  connections(given, change) {
    if (!isObject(given)) return given;
    const entries = Object.entries(given).map(([name, one]) => [
      name,
      isObject(one)
        ? change({ members: one, secrets: ['url'], where: `Setting "connections.${name}"` })
        : one,
    ]);
    return Object.fromEntries(entries);
  },
  qdrantCollections(given, change) {
    if (!Array.isArray(given)) return given;
    return given.map((one) => {
      if (!isObject(one)) return one;
      const { name } = one;
      const where = `Setting "qdrantCollections"${typeof name === 'string' ? `, collection "${name}"` : ''}`;
      return change({ members: one, secrets: ['url', 'apiKey'], plain: ['url'], where });
    });
  },
  oauth(given, change) {
    if (!Array.isArray(given)) return given;
    return given.map((issuer) => {
      if (!isObject(issuer) || !isObject(issuer['introspection'])) return issuer;
      const { introspection: members } = issuer;
      const where = 'Setting "oauth", introspection';
      return { ...issuer, introspection: change({ members, secrets: ['clientSecret'], where }) };
    });
  },
};

/** The settings with the objects in them that may have secrets changed; those of the settings themselves are left alone. */
function changeNested(values: Values, change: (setting: string, holder: Holder) => Values): Values {
  const changed = { ...values };
  for (const [setting, each] of Object.entries(nested)) {
    if (setting in values) changed[setting] = each(values[setting], (holder) => change(setting, holder));
  }
  return changed;
}

function absolute({ members, secrets }: Omit<Holder, 'where'>, base: string): Values {
  const made = { ...members };
  for (const name of secrets.map(fileNameOf)) {
    const path = made[name];
    if (typeof path === 'string') made[name] = resolve(base, fromHome(path));
  }
  return made;
}

/**
 * Resolves relative paths of files with secrets against `base`.
 * @param secrets the settings that are secrets themselves
 */
export function absoluteSecretFiles(values: Values, secrets: readonly string[], base: string): Values {
  const own = absolute({ members: values, secrets }, base);
  return changeNested(own, (_setting, holder) => absolute(holder, base));
}

/** The files that hold secrets. */
export function secretFilesOf(values: Values, secrets: readonly string[]): string[] {
  const files: unknown[] = secrets.map((name) => values[fileNameOf(name)]);
  changeNested(values, (_setting, holder) => {
    files.push(...holder.secrets.map((name) => holder.members[fileNameOf(name)]));
    return holder.members;
  });
  return files.filter((path) => typeof path === 'string');
}

/** Whether a settings file has a secret in it, rather than the name of a file with it. */
export function holdsSecrets(values: Values, secrets: readonly string[]): boolean {
  let holds = secrets.some((name) => values[name] !== undefined);
  changeNested(values, (_setting, { members, secrets: inner, plain = [] }) => {
    holds ||= inner.some((name) => members[name] !== undefined && !plain.includes(name));
    return members;
  });
  return holds;
}

/** Of files that an editor made, and of those that a command wrote into, the value is what is before the last line's end. */
function valueIn(path: string): string {
  const text = readText(path, maxSecretBytes)
    .replace(/^\uFEFF/, '')
    .replace(/[\r\n]+$/, '');
  if (text.trim() === '') throw new Error('empty');
  return text;
}

const asNamed = (fileName: string): string => `the file that ${fileName} names`;

/**
 * @param fileWords what a sentence calls the file behind `where`
 * @throws HydrogenError `bad_input` when a file cannot be read, or both are given
 */
function read({ members, secrets, where }: Holder, fileWords = asNamed): Values {
  const made = { ...members };
  for (const name of secrets) {
    const fileName = fileNameOf(name);
    const path = members[fileName];
    if (path === undefined) continue;
    if (members[name] !== undefined) throw badInput(`${where}: give ${name} or ${fileName}, not both.`);
    if (typeof path !== 'string') throw badInput(`${where}: ${fileName} must be the path of a file.`);
    delete made[fileName];
    try {
      made[name] = valueIn(path);
    } catch (cause) {
      // Its name is not shown: it is the secret itself where somebody took one for the other.
      const why = whyUnreadable(cause);
      throw badInput(`${where}: ${fileWords(fileName)} cannot be read: ${why}.`, { cause });
    }
  }
  return made;
}

/**
 * The settings with what the files hold; those whose file cannot be read are left out.
 * @param whereOf what a sentence calls the place where the file of a secret setting is named
 * @returns also which settings are left out
 */
export function readSecretFiles(
  values: Values,
  secrets: readonly string[],
  whereOf: (secret: string) => string,
  problems: Problems,
): { readonly values: Values; readonly unread: readonly string[] } {
  const unread = new Set<string>();
  const made = { ...values };
  for (const name of secrets) {
    const fileName = fileNameOf(name);
    if (!(fileName in values)) continue;
    delete made[fileName];
    const members = { [name]: values[name], [fileName]: values[fileName] };
    const holder = { members, secrets: [name], where: whereOf(name) };
    const found = problems.collect(() => read(holder, () => 'the file it names'), undefined);
    if (found === undefined) unread.add(name);
    made[name] = found?.[name];
  }
  const all = changeNested(made, (setting, holder) => {
    const found = problems.collect(() => read(holder), undefined);
    if (found === undefined) unread.add(setting);
    return found ?? {};
  });
  // Nothing is said of the rest of a setting beside what is wrong with its secret.
  for (const setting of unread) delete all[setting];
  return { values: all, unread: [...unread] };
}
