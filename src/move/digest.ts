import { createHash, type Hash } from 'node:crypto';
import { stringifyExactJson } from '../mql/formats.ts';
import type { ArchivedChunk, ArchivedDocument } from '../stores/index/types.ts';
import type { ArchivedRun } from '../stores/journal/archive.ts';
import type { RunError } from '../stores/journal/types.ts';

// What two stores must agree on. Vectors are counted, not compared: a server keeps them centred and rounded.

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** With its members in order: a server may give them back in another. */
const inOrder = (place: ArchivedChunk['place']): unknown =>
  place === undefined ? null : Object.entries(place).sort(([a], [b]) => (a < b ? -1 : 1));

/** In the order of the text. */
const byPlace = (a: ArchivedChunk, b: ArchivedChunk): number =>
  a.lines[0] - b.lines[0] || a.lines[1] - b.lines[1] || (a.id < b.id ? -1 : Number(a.id > b.id));

export function digestOfDocument(document: ArchivedDocument): string {
  const { id, title, type, bytes, text, metadata, hash, format, origin, indexedAt, chunks } = document;
  return digestOf([
    ...[id, title, type, bytes, text, stringifyExactJson(metadata), hash, format, indexedAt],
    origin ? [origin.source, origin.path, origin.modified, origin.size] : null,
    [...chunks]
      .sort(byPlace)
      .map(({ id: chunk, heading, lines, place, text: passage }) => [
        ...[chunk, heading, lines, inOrder(place), passage],
      ]),
  ]);
}

const errorParts = (error: RunError | undefined): unknown =>
  error ? [error.type, error.status, error.title, error.detail, error.instance] : null;

export function digestOfRun({ run, definition, sha256, idempotencyKey, steps }: ArchivedRun): string {
  const { id, caller, workflow, version, state, revision, createdAt, startedAt, finishedAt } = run;
  const { error } = run;
  return digestOf([
    ...[id, caller.id, caller.scopes, workflow, version, state, revision, createdAt, startedAt, finishedAt],
    ...[run.input, run.output, definition, sha256, idempotencyKey],
    errorParts(error),
    steps.map(({ reference, name, kind, attempts, result, note, error: reason, ...step }) => [
      ...[reference, name, kind, step.state, attempts, step.startedAt, step.finishedAt, note],
      result ? [result.output, result.context, result.next] : null,
      errorParts(reason),
    ]),
  ]);
}

/** The digest of many, which are added in the same order. */
export interface Tally {
  add(digest: string): void;
  /** Short enough to be read aloud. */
  result(): { readonly count: number; readonly digest: string };
}

export function createTally(): Tally {
  const hash: Hash = createHash('sha256');
  let count = 0;
  return {
    add(digest) {
      hash.update(digest);
      count++;
    },
    result: () => ({ count, digest: hash.copy().digest('hex').slice(0, 16) }),
  };
}
