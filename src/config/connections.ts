import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { readText } from './read-text.ts';

type Values = Record<string, unknown>;

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies `change` to each connection; anything but an object is left for the schema to reject. */
function eachConnection(given: unknown, change: (name: string, connection: Values) => Values): unknown {
  if (!isObject(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, connection]) => [
      name,
      isObject(connection) ? change(name, connection) : connection,
    ]),
  );
}

/** Resolves relative `urlFile` paths against `base`. */
export function absoluteUrlFiles(connections: unknown, base: string): unknown {
  return eachConnection(connections, (_name, connection) => {
    const { urlFile } = connection;
    return typeof urlFile === 'string' ? { ...connection, urlFile: resolve(base, urlFile) } : connection;
  });
}

/** The files that hold connection strings. */
export function urlFilesOf(connections: unknown): string[] {
  if (!isObject(connections)) return [];
  return Object.values(connections).flatMap((connection) =>
    isObject(connection) && typeof connection['urlFile'] === 'string' ? [connection['urlFile']] : [],
  );
}

/**
 * Connections with the content of their `urlFile` as `url`.
 * @throws HydrogenError `bad_input` when a file cannot be read, or both are given
 */
export function readUrlFiles(connections: unknown): unknown {
  return eachConnection(connections, (name, { urlFile, ...connection }) => {
    if (urlFile === undefined) return connection;
    const where = `Setting "connections.${name}"`;
    if (connection['url'] !== undefined) throw badInput(`${where}: give url or urlFile, not both.`);
    if (typeof urlFile !== 'string') throw badInput(`${where}: urlFile must be the path of a file.`);
    try {
      return { ...connection, url: readText(urlFile).trim() };
    } catch (cause) {
      throw badInput(`${where}: the file that urlFile names cannot be read.`, { cause });
    }
  });
}

/** The database named after the hosts in a connection string; undefined where the driver will refuse the string. */
export function databaseIn(url: string): string | undefined {
  // A password may contain a "/" that should have been encoded, but no host and no option before it may contain an "@".
  const name = /^mongodb(?:\+srv)?:\/\/(?:[^?]*@)?[^/?]*\/([^?/]+)/.exec(url)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
