import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { readText } from './read-text.ts';

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies `change` to the introspection of each issuer; any other shape is left for the schema to reject. */
function eachIntrospection(
  given: unknown,
  change: (introspection: Values, issuer: Values) => Values,
): unknown {
  if (!Array.isArray(given)) return given;
  return given.map((issuer) =>
    isObject(issuer) && isObject(issuer['introspection'])
      ? { ...issuer, introspection: change(issuer['introspection'], issuer) }
      : issuer,
  );
}

/** Resolves relative `clientSecretFile` paths against `base`. */
export function absoluteSecretFiles(issuers: unknown, base: string): unknown {
  return eachIntrospection(issuers, (introspection) => {
    const { clientSecretFile } = introspection;
    return typeof clientSecretFile === 'string'
      ? { ...introspection, clientSecretFile: resolve(base, clientSecretFile) }
      : introspection;
  });
}

/** The files that hold secrets of introspection. */
export function secretFilesOf(issuers: unknown): string[] {
  const files: string[] = [];
  eachIntrospection(issuers, (introspection) => {
    const { clientSecretFile } = introspection;
    if (typeof clientSecretFile === 'string') files.push(clientSecretFile);
    return introspection;
  });
  return files;
}

/**
 * Issuers with the content of `clientSecretFile` as `clientSecret`.
 * @throws HydrogenError `bad_input` when a file cannot be read, or both are given
 */
export function readSecretFiles(issuers: unknown): unknown {
  return eachIntrospection(issuers, ({ clientSecretFile, ...introspection }) => {
    if (clientSecretFile === undefined) return introspection;
    const where = 'Setting "oauth", introspection';
    if (introspection['clientSecret'] !== undefined)
      throw badInput(`${where}: give clientSecret or clientSecretFile, not both.`);
    if (typeof clientSecretFile !== 'string')
      throw badInput(`${where}: clientSecretFile must be the path of a file.`);
    try {
      return { ...introspection, clientSecret: readText(clientSecretFile).trim() };
    } catch (cause) {
      throw badInput(`${where}: the file that clientSecretFile names cannot be read.`, { cause });
    }
  });
}
