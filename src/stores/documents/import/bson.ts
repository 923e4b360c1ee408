import { badInput } from '../../../errors.ts';
import { type DocumentReader, maxDocumentBytes, type ReadDocument } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';

/** MongoDB's internal documents (oplog entries) may exceed the user limit by this much. */
const allowance = 16 * 1024;

const bytesOf = (count: number): string => count.toLocaleString('en');

/**
 * A `.bson` file of `mongodump`: documents back to back. They are split by length without parsing: their content is
 * checked where it is stored.
 */
export function bsonDump(bytes: FileBytes): DocumentReader {
  const place = (at: number): string => `The document at byte ${bytesOf(at)}`;

  function lengthAt(buffer: Buffer, offset: number, at: number): number {
    const length = buffer.readInt32LE(offset);
    if (length >= 5 && length <= maxDocumentBytes + allowance) return length;
    throw badInput(
      `There is no BSON document at byte ${bytesOf(at)} (length would be ${bytesOf(length)}): the file is damaged there, or not a dump.`,
    );
  }

  async function* read(): AsyncGenerator<ReadDocument> {
    let held: Buffer = Buffer.alloc(0);
    let at = 0;
    for await (const chunk of bytes.read()) {
      const buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      let offset = 0;
      while (buffer.length - offset >= 4) {
        const length = lengthAt(buffer, offset, at);
        if (buffer.length - offset < length) break;
        const bson = buffer.subarray(offset, offset + length);
        if (bson[length - 1] !== 0) throw badInput(`${place(at)} is damaged: it does not end as BSON does.`);
        yield { bson, at };
        offset += length;
        at += length;
      }
      held = buffer.subarray(offset);
    }
    if (held.length > 0) {
      throw badInput(
        `The file ends inside the document at byte ${bytesOf(at)}: the dump is cut off; make it again.`,
      );
    }
  }
  return { read, place, checked: false, keepsEmpty: true };
}
