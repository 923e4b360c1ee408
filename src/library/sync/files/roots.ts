import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import { realPathTrouble } from '../../../file-errors.ts';
import { below } from '../../../policy/path-text.ts';
import { isSamePlace } from '../../../policy/same-place.ts';
import { inlineSource } from '../../../stores/index/inline-source.ts';
import type { Catalog, Source } from '../../../stores/index/types.ts';

/** Something to ingest: a folder, or a single file. */
export interface IngestRoot {
  readonly path: string;
  readonly stat: BigIntStats;
}

/** Location of a path: its source and the path below the source's root, with `/`. */
export interface Location {
  readonly source: Source;
  readonly path: string;
}

/** Control characters, line separators, and marks that change the writing direction. */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|%(?=[0-9A-Fa-f]{2})/gu;

/** A name that can be shown and typed on one line: `line\nbreak` becomes `line%0Abreak`. The mapping is one-to-one. */
export function printable(name: string): string {
  return name.replace(unprintable, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** The id of a file's document. */
export function idOf({ name }: Pick<Source, 'name'>, path: string): string {
  return `${name}/${printable(path)}`;
}

/** The absolute path of a document's file. */
export function pathOf({ root }: Pick<Source, 'root'>, path: string): string {
  return join(root, ...path.split('/'));
}

/**
 * @param isReal the path has been checked: links along it are not followed
 * @throws HydrogenError `not_found` for a missing path, `unavailable` for one that cannot be followed
 */
export async function openRoot(requested: string, isReal: boolean): Promise<IngestRoot> {
  try {
    const real = await realpath(resolve(requested));
    if (isReal && !(await isSamePlace(real, requested))) throw new Error('a link has taken its place');
    const path = isReal ? requested : real;
    return { path, stat: await lstat(path, { bigint: true }) };
  } catch (cause) {
    const name = isReal ? basename(requested) : requested;
    const trouble = realPathTrouble(cause);
    if (trouble !== undefined) {
      throw new HydrogenError('unavailable', `"${name}" cannot be read: ${trouble}`, { cause });
    }
    const isRelative = !isReal && !isAbsolute(requested);
    const advice = isRelative ? ` Check the path: a relative one begins in ${process.cwd()}.` : '';
    throw new HydrogenError('not_found', `There is no file or folder "${name}".${advice}`, { cause });
  }
}

/** The sources that are folders: other kinds have a root that is not a path. */
export function folders(sources: readonly Source[]): Source[] {
  return sources.filter(({ root }) => isAbsolute(root));
}

/** The source with the nearest root above a path. */
export function locate(sources: readonly Source[], path: string): Location | undefined {
  let best: Location | undefined;
  for (const source of folders(sources)) {
    const rest = below(source.root, path);
    if (rest !== undefined && (!best || source.root.length > best.source.root.length)) {
      best = { source, path: rest };
    }
  }
  return best;
}

/**
 * The sources including one for the path: an existing one above it, or a new one for the folder itself or the folder of
 * a single file. A file therefore has one id, however it was reached.
 */
export async function sourcesFor(
  place: IngestRoot,
  sources: readonly Source[],
  catalog: Catalog,
  call: Call,
): Promise<readonly Source[]> {
  if (locate(sources, place.path)) return sources;
  const root = place.stat.isDirectory() ? place.path : dirname(place.path);
  const name = printable(basename(root)) || 'root';
  const source = await catalog.source(root, name === inlineSource ? 'inline-files' : name, call);
  return [...sources, source];
}
