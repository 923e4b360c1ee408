import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, fromExtendedJson } from '../../../mql/formats.ts';

/** A JSON array is read whole; a larger one should be JSON lines, which are read one by one. Bytes. */
const maxArrayBytes = 256 * 2 ** 20;

function asDocument(value: unknown, where: string): Document {
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) return value as Document;
  throw badInput(`${where} is not a JSON object: a collection holds objects.`);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badInput(`${where} is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function withTypes(value: unknown, where: string): Document {
  const document = asDocument(value, where);
  try {
    return fromExtendedJson(document) as Document;
  } catch (error) {
    throw badInput(`${where} is not valid Extended JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** One document a line; empty lines are passed over. */
export async function* readJsonLines(file: string): AsyncGenerator<Document> {
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number++;
    const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
    if (text.trim() === '') continue;
    const where = `Line ${number}`;
    yield withTypes(parseJson(text, where), where);
  }
}

/** An array of documents, or one document. */
export async function* readJson(file: string): AsyncGenerator<Document> {
  const { size } = await stat(file);
  if (size > maxArrayBytes) {
    throw new HydrogenError(
      'too_large',
      `A JSON array is read whole, up to ${maxArrayBytes / 2 ** 20} MB. Turn it into JSON lines (one document a line, ending .jsonl).`,
    );
  }
  const value = parseJson((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''), 'The file');
  if (!Array.isArray(value)) {
    yield withTypes(value, 'The file');
    return;
  }
  for (const [i, item] of value.entries()) yield withTypes(item, `Item ${i + 1}`);
}
