import { BSONRegExp } from 'bson';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, encode, fromExtendedJson } from '../../../mql/formats.ts';
import { setField } from '../../../mql/values/fields.ts';
import type { DocumentReader, OnRefused, ReadDocument } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';
import { createOddities, type JsonUnit } from './json-oddities.ts';
import { jsonValuesOf, linesOf } from './json-values.ts';
import { type RefusedValue, refusedNumber } from './refused-number.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A sentence; the parser counts lines of its own, which are not those of the file. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message.replace(/ \(line \d+ column \d+\)$/, '').replace(/\.$/, '')}.`;
}

function textOf(bytes: Buffer, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badInput(`${where} is not UTF-8 text: set the encoding with --encoding, such as windows-1252.`);
  }
}

/** What the shell prints and JSON does not have: constructors, names without quotation marks, single ones, comments. */
const shellMarks =
  /\b(ObjectId|ISODate|NumberLong|NumberInt|NumberDecimal|Long|Int32|Double|Decimal128|Timestamp|BinData|UUID|new Date)\s*\(|[{,]\s*[A-Za-z_$][\w$]*\s*:|[{,:[]\s*'|^\s*\/[/*]|\/\*|\s\/\/ /;

/** For text that is no JSON: how the data is exported as JSON, where it looks as mongosh prints it. */
function shellHint(text: string): string {
  if (!shellMarks.test(text)) return '';
  return (
    ' It looks like what mongosh prints, which is not JSON: export with `mongoexport --collection NAME --out ' +
    'FILE.jsonl`, or print `EJSON.stringify(db.NAME.find().toArray())` in mongosh.'
  );
}

/**
 * A regular expression as Extended JSON v1 has it, `{"$regex": "…", "$options": "…"}`: as a value of a document it is no
 * query operator.
 */
function withRegexes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withRegexes);
  if (!isDocument(value)) return value;
  const { $regex, $options } = value;
  if (typeof $regex === 'string' && typeof $options === 'string' && Object.keys(value).length === 2) {
    return new BSONRegExp($regex, [...$options].sort().join(''));
  }
  for (const [name, item] of Object.entries(value)) {
    const made = withRegexes(item);
    if (made !== item) setField(value, name, made);
  }
  return value;
}

/**
 * @returns what a document cannot have
 * @throws HydrogenError that says whether it is not JSON, or JSON that is not Extended JSON.
 */
function parse(text: string, where: string): { readonly value: unknown } | RefusedValue {
  try {
    return { value: fromExtendedJson(text) };
  } catch (error) {
    let refused: RefusedValue | undefined;
    try {
      refused = refusedNumber(text);
    } catch (syntax) {
      throw badInput(`${where} is not valid JSON: ${reason(syntax)}${shellHint(text)}`);
    }
    if (refused) return refused;
    throw badInput(`${where} is not valid Extended JSON: ${reason(error)}`);
  }
}

function isDocument(value: unknown): value is Document {
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null;
}

function bsonOf(text: string, where: string): Uint8Array | RefusedValue {
  const parsed = parse(text, where);
  if ('reason' in parsed) return parsed;
  const { value } = parsed;
  if (!isDocument(value)) throw badInput(`${where} is not a JSON object: a collection holds objects.`);
  try {
    return encode(text.includes('"$regex"') ? (withRegexes(value) as Document) : value);
  } catch (error) {
    throw badInput(`${where}: ${reason(error)}`);
  }
}

/** @param cut the text of each document */
export function jsonFrom(unit: JsonUnit, cut: () => AsyncIterable<Buffer>): DocumentReader {
  const place = (at: number): string => `${unit} ${at.toLocaleString('en')}`;
  let oddities = createOddities();
  const throwIt: OnRefused = ({ path, reason: why }, at) => {
    throw badInput(`${place(at)}, "${path}": ${why}`);
  };
  async function* read(onRefused = throwIt): AsyncGenerator<ReadDocument> {
    oddities = createOddities();
    let at = 0;
    for await (const bytes of cut()) {
      at++;
      const text = textOf(bytes, place(at));
      if (unit === 'Line' && text.trim() === '') continue;
      const bson = bsonOf(text, place(at));
      if (!(bson instanceof Uint8Array)) {
        onRefused(bson, at);
        continue;
      }
      oddities.lookAt(text, at);
      yield { bson, at };
    }
  }
  return { read, place, checked: false, met: () => oddities.notes(unit) };
}

/** One document per line; empty lines are skipped. Both forms of Extended JSON are understood. */
export const jsonLines = (bytes: FileBytes): DocumentReader => jsonFrom('Line', () => linesOf(bytes.read()));

/** An array of documents, or consecutive documents, over any number of lines. */
export const json = (bytes: FileBytes): DocumentReader =>
  jsonFrom('Item', async function* () {
    try {
      yield* jsonValuesOf(bytes.read());
    } catch (error) {
      if (!(error instanceof HydrogenError) || error.code !== 'bad_input') throw error;
      throw badInput(`${error.message}${await hintOf(bytes)}`);
    }
  });

/** By the beginning of the file: a comment, say, stands before its first document. */
async function hintOf(bytes: FileBytes): Promise<string> {
  for await (const chunk of bytes.read()) return shellHint(chunk.toString('utf8', 0, 65_536));
  return '';
}
