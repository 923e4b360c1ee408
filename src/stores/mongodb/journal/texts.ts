import { randomUUID } from 'node:crypto';
import type { Binary } from 'mongodb';
import { HydrogenError } from '../../../errors.ts';
import type { StoreSession } from '../client.ts';
import { collections, type StoredText } from './documents.ts';

export interface PartOfText {
  readonly _id: string;
  readonly data: Buffer;
}

/** A document has at most 16 MiB; the texts in one take so much of it, in bytes. */
const maxInlineBytes = 4 * 1024 * 1024;
const partBytes = 8 * 1024 * 1024;

/** So that they sort, a text of the most parts included. */
const partId = (key: string, part: number): string => `${key}/${String(part).padStart(4, '0')}`;

/** The parts of a text: no key has a character behind "/". */
export const partsOfText = (key: string) => ({ _id: { $gte: `${key}/`, $lt: `${key}0` } });

/** The parts of all texts of a run, also of those that nothing names. */
export const partsOfRun = (run: string) => ({ _id: { $gte: `${run}.`, $lt: `${run}/` } });

const parts = ({ db }: StoreSession) => db.collection<PartOfText>(collections.texts);

async function storeParts(session: StoreSession, run: string, bytes: Buffer): Promise<StoredText> {
  // A key of its own each time: no writer changes what another, or an earlier attempt, has written. It begins with the run,
  // so that what is left unused is erased with it; those of earlier versions do not.
  const key = `${run}.${randomUUID()}`;
  const count = Math.ceil(bytes.length / partBytes);
  for (let part = 0; part < count; part++) {
    const data = bytes.subarray(part * partBytes, (part + 1) * partBytes);
    await parts(session).insertOne({ _id: partId(key, part), data }, session.options());
  }
  return { key, parts: count };
}

/**
 * Stores the texts of one document of a run. What is stored in parts is there before the document that names it; where that is
 * never written, it stays behind unused.
 */
export async function storeTexts<K extends string>(
  session: StoreSession,
  run: string,
  texts: Readonly<Record<K, string>>,
): Promise<Record<K, StoredText>> {
  let room = maxInlineBytes;
  const stored: Partial<Record<K, StoredText>> = {};
  for (const [name, text] of Object.entries(texts) as [K, string][]) {
    const size = Buffer.byteLength(text);
    stored[name] = size <= room ? text : await storeParts(session, run, Buffer.from(text));
    if (size <= room) room -= size;
  }
  return stored as Record<K, StoredText>;
}

export async function loadText(session: StoreSession, text: StoredText): Promise<string> {
  if (typeof text === 'string') return text;
  const ids = Array.from({ length: text.parts }, (_, part) => partId(text.key, part));
  // One after the other: a batch of the server's holds no more than two.
  const pieces: Buffer[] = [];
  for (const id of ids) {
    const found = await parts(session).findOne({ _id: id }, session.options());
    if (!found) {
      throw new HydrogenError(
        'internal',
        'A part of a run is missing in its journal: something else has deleted it.',
      );
    }
    pieces.push(Buffer.from((found.data as unknown as Binary).buffer));
  }
  return Buffer.concat(pieces).toString();
}
