import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { ObjectId } from 'bson';
import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { type Document, encode } from '../../../mql/formats.ts';
import type { DocumentStore, InsertResult, Namespace } from '../document-store.ts';
import { readCsv } from './csv.ts';
import { readJson, readJsonLines } from './json.ts';

/** Documents a transaction: whole ones are kept when an import is interrupted. */
const batchSize = 1_000;

const readers: Readonly<Record<string, (file: string) => AsyncGenerator<Document>>> = {
  '.json': readJson,
  '.jsonl': readJsonLines,
  '.ndjson': readJsonLines,
  '.csv': (file) => readCsv(file, false),
  '.tsv': (file) => readCsv(file, true),
};

/**
 * Gives a document without `_id` one that depends on its content alone (and on how many equal ones came
 * before), so that an import can be repeated without doubling anything.
 */
function identifier(): (document: Document) => Document {
  const seen = new Map<string, number>();
  return (document) => {
    if (Object.hasOwn(document, '_id')) return document;
    const content = createHash('sha256').update(encode(document)).digest('hex');
    const before = seen.get(content) ?? 0;
    seen.set(content, before + 1);
    const id = before === 0 ? content : createHash('sha256').update(`${content} ${before}`).digest('hex');
    return { _id: ObjectId.createFromHexString(id.slice(0, 24)), ...document };
  };
}

function cancelled(): HydrogenError {
  return new HydrogenError(
    'cancelled',
    'The import was cancelled. What was read so far stays; it can be repeated.',
  );
}

/**
 * Reads a JSON, JSON lines (Extended JSON understood), CSV or TSV file into a collection. A document whose
 * `_id` is there already is replaced; `drop` empties the collection
 * first, once the whole file has been read without an error. Progress counts documents.
 * @throws HydrogenError `not_found`, `bad_input` with the line or item that is wrong. What was read before
 * it stays, and the import can be repeated.
 */
export async function importFile(
  store: DocumentStore,
  namespace: Namespace,
  file: string,
  options: { readonly drop: boolean },
  call: Call,
): Promise<InsertResult> {
  const reader = readers[extname(file).toLowerCase()];
  if (!reader) {
    throw badInput(
      `"${file}" cannot be imported: the ending must be one of ${Object.keys(readers).join(', ')}.`,
    );
  }
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new HydrogenError('not_found', `"${file}" is not a file that can be read.`);

  if (options.drop) {
    // What is there is only given up for a file that can be read to its end.
    for await (const _document of reader(file)) if (call.signal.aborted) throw cancelled();
  }
  const total = { inserted: 0, replaced: 0, unchanged: 0 };
  const withId = identifier();
  let batch: Document[] = [];
  let drop = options.drop;
  const write = async (): Promise<void> => {
    const { inserted, replaced, unchanged } = await store.put(namespace, batch, { drop }, call);
    total.inserted += inserted;
    total.replaced += replaced;
    total.unchanged += unchanged;
    batch = [];
    drop = false;
    call.progress({ done: total.inserted + total.replaced + total.unchanged, message: namespace.collection });
  };
  for await (const document of reader(file)) {
    if (call.signal.aborted) throw cancelled();
    batch.push(withId(document));
    if (batch.length >= batchSize) await write();
  }
  if (batch.length > 0 || drop) await write();
  return total;
}
