import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { badInput } from '../errors.ts';
import type { Problems } from './problems.ts';
import { readText } from './read-text.ts';

type Values = Record<string, unknown>;

/** Settings of a collection that name a file with the value of another one. */
const files: Readonly<Record<string, string>> = { urlFile: 'url', apiKeyFile: 'apiKey' };

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies `change` to each collection; anything but an object is left for the schema to reject. */
function eachCollection(given: unknown, change: (collection: Values) => Values): unknown {
  return Array.isArray(given) ? given.map((one) => (isObject(one) ? change(one) : one)) : given;
}

/** Resolves relative paths of files against `base`. */
export function absoluteCollectionFiles(collections: unknown, base: string): unknown {
  return eachCollection(collections, (collection) =>
    Object.fromEntries(
      Object.entries(collection).map(([name, value]) => [
        name,
        name in files && typeof value === 'string' ? resolve(base, value) : value,
      ]),
    ),
  );
}

/** The files that hold addresses and keys. */
export function collectionFilesOf(collections: unknown): string[] {
  if (!Array.isArray(collections)) return [];
  return collections
    .filter(isObject)
    .flatMap((one) => Object.keys(files).map((name) => one[name]))
    .filter((path) => typeof path === 'string');
}

/**
 * Collections with what their files hold.
 * @throws HydrogenError `bad_input` when a file cannot be read, or both are given
 */
export function readCollectionFiles(collections: unknown): unknown {
  return eachCollection(collections, (collection) => {
    const { name } = collection;
    const where = `Setting "qdrantCollections"${typeof name === 'string' ? `, collection "${name}"` : ''}`;
    const read = { ...collection };
    for (const [file, value] of Object.entries(files)) {
      const path = collection[file];
      if (path === undefined) continue;
      if (collection[value] !== undefined) throw badInput(`${where}: give ${value} or ${file}, not both.`);
      if (typeof path !== 'string') throw badInput(`${where}: ${file} must be the path of a file.`);
      delete read[file];
      try {
        read[value] = readText(path).trim();
      } catch (cause) {
        throw badInput(`${where}: the file that ${file} names cannot be read.`, { cause });
      }
    }
    return read;
  });
}

/** Adds what cannot work: a collection without a server or model, or with the name of another origin of documents. */
export function checkQdrantCollections(config: Config, problems: Problems): void {
  const { qdrantCollections, collectionSources, qdrantUrl, embeddingModel } = config;
  const taken = new Set(['inline', ...collectionSources.map(({ name, collection }) => name ?? collection)]);
  for (const { name, url, model } of qdrantCollections) {
    const where = `Setting "qdrantCollections", collection "${name}"`;
    if (taken.has(name)) problems.add(`${where}: the name is already used. Give each its own "name".`);
    taken.add(name);
    if (url === undefined && qdrantUrl === undefined) {
      problems.add(`${where}: no setting says where its server is: set "url", or qdrantUrl.`);
    }
    if ((model ?? embeddingModel) === 'none') {
      problems.add(
        `${where}: nothing can be compared with the model "none": set "model" to the one that made its vectors.`,
      );
    }
  }
}
