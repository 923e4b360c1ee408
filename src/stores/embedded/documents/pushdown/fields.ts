import type { Document } from '../../../../mql/index.ts';
import { getField, isDocument } from '../../../../mql/values/fields.ts';
import { begin, end, type JsonbSink, jsonb, writeElement, writeText } from './jsonb.ts';
import { writeScalar } from './scalars.ts';

/** Longer arrays and deeper documents are left to the BSON, which bounds the size of the projection. */
const MAX_ITEMS = 64;
const MAX_DEPTH = 32;

/** `["?"]`, for values that only the BSON can decide; no value is written like this. */
const unknownElement = Buffer.from([0x2b, 0x17, 0x3f]);

const MAX_KNOWN_KEYS = 10_000;
const knownKeys = new Map<string, Uint8Array>();

function writeKey(sink: JsonbSink, name: string): void {
  const known = knownKeys.get(name);
  if (known !== undefined) {
    writeElement(sink, known);
    return;
  }
  const start = sink.length;
  writeText(sink, name);
  if (name.length < 64 && knownKeys.size < MAX_KNOWN_KEYS) {
    knownKeys.set(name, Uint8Array.prototype.slice.call(sink.bytes, start, sink.length));
  }
}

function writeDocument(sink: JsonbSink, document: Document, depth: number): void {
  const start = begin(sink, jsonb.object);
  for (const name of Object.keys(document)) {
    const value = getField(document, name);
    if (value === undefined) continue;
    writeKey(sink, name);
    writeValue(sink, value, depth);
  }
  end(sink, start);
}

function writeArray(sink: JsonbSink, items: readonly unknown[], depth: number): void {
  const start = begin(sink, jsonb.array);
  for (const item of items) writeValue(sink, item ?? null, depth);
  end(sink, start);
}

function writeValue(sink: JsonbSink, value: unknown, depth: number): void {
  if (Array.isArray(value) && value.length <= MAX_ITEMS && depth < MAX_DEPTH) {
    writeArray(sink, value, depth + 1);
  } else if (isDocument(value) && depth < MAX_DEPTH) writeDocument(sink, value, depth + 1);
  else if (!writeScalar(sink, value)) writeElement(sink, unknownElement);
}

const scratch: JsonbSink = { bytes: Buffer.allocUnsafe(4096), length: 0 };

/**
 * The document as SQLite's JSONB, for `documents.fields`, beside the BSON, which remains the source of truth. Numbers
 * are JSON numbers; other scalars are strings prefixed with a letter for their type (`scalars.ts`), so that one
 * comparison in SQL checks type and value; anything SQL cannot compare exactly is `["?"]`, which every condition leaves
 * to the BSON.
 */
export function fieldsOf(document: Document): Uint8Array {
  scratch.length = 0;
  writeDocument(scratch, document, 0);
  return Uint8Array.prototype.slice.call(scratch.bytes, 0, scratch.length);
}
