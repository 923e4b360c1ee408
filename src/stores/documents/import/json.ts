import { badInput } from '../../../errors.ts';
import { type Document, encode, fromExtendedJson } from '../../../mql/formats.ts';
import type { DocumentReader, ReadDocument } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';
import { jsonValuesOf, linesOf } from './json-values.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function textOf(bytes: Buffer, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badInput(`${where} is not UTF-8 text: save the file as UTF-8.`);
  }
}

/** @throws HydrogenError that says whether it is not JSON, or JSON that is not Extended JSON. */
function parse(text: string, where: string): unknown {
  try {
    return fromExtendedJson(text);
  } catch (error) {
    try {
      JSON.parse(text);
    } catch (syntax) {
      throw badInput(`${where} is not valid JSON: ${reason(syntax)}`);
    }
    throw badInput(`${where} is not valid Extended JSON: ${reason(error)}`);
  }
}

function isDocument(value: unknown): value is Document {
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null;
}

function bsonOf(text: string, where: string): Uint8Array {
  const value = parse(text, where);
  if (!isDocument(value)) throw badInput(`${where} is not a JSON object: a collection holds objects.`);
  try {
    return encode(value);
  } catch (error) {
    throw badInput(`${where}: ${reason(error)}`);
  }
}

function reader(unit: 'Line' | 'Item', cut: () => AsyncIterable<Buffer>): DocumentReader {
  const place = (at: number): string => `${unit} ${at.toLocaleString('en')}`;
  async function* read(): AsyncGenerator<ReadDocument> {
    let at = 0;
    for await (const bytes of cut()) {
      at++;
      const text = textOf(bytes, place(at));
      if (unit === 'Line' && text.trim() === '') continue;
      yield { bson: bsonOf(text, place(at)), at };
    }
  }
  return { read, place, checked: false };
}

/** One document per line; empty lines are skipped. Both forms of Extended JSON are understood. */
export const jsonLines = (bytes: FileBytes): DocumentReader => reader('Line', () => linesOf(bytes.read()));

/** An array of documents, or consecutive documents, over any number of lines. */
export const json = (bytes: FileBytes): DocumentReader => reader('Item', () => jsonValuesOf(bytes.read()));
