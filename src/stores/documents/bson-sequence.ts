import { badInput } from '../../errors.ts';
import { type Document, encode } from '../../mql/formats.ts';

/** BSON documents back to back, as in a `mongodump` file: a single buffer is cheap to send to a thread. */
export type BsonSequence = Uint8Array;

/** The documents of a sequence, without copying. @throws HydrogenError `bad_input` where a length is wrong. */
export function* splitBson(sequence: BsonSequence): Generator<Uint8Array> {
  const view = new DataView(sequence.buffer, sequence.byteOffset, sequence.byteLength);
  for (let at = 0; at < sequence.byteLength; ) {
    const length = sequence.byteLength - at < 5 ? 0 : view.getInt32(at, true);
    if (length < 5 || at + length > sequence.byteLength) {
      throw badInput(`There is no whole BSON document at byte ${at}.`);
    }
    yield sequence.subarray(at, at + length);
    at += length;
  }
}

export function joinBson(documents: Iterable<Document>): BsonSequence {
  return Buffer.concat(Array.from(documents, encode));
}
