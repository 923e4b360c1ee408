import { type Document, decode, encode, typeName } from '../../../mql/index.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { Namespace } from '../document-store.ts';
import { requireCollection } from './collections.ts';

const sampleSize = 500;
const maxFields = 100;
const maxExamples = 3;
const maxExampleLength = 60;
const maxDepth = 6;

interface Field {
  types: Record<string, number>;
  present: number;
  examples: unknown[];
}

/** A description as it crosses threads: examples as BSON `{ values }`. */
export interface EncodedDescription {
  readonly name: string;
  readonly documents: number;
  readonly bytes: number;
  readonly sampled: number;
  readonly fields: { path: string; types: Record<string, number>; present: number; examples: Uint8Array }[];
  readonly fieldsLeftOut: boolean;
}

/** All documents of a small collection; of a large one, evenly spaced ones. */
function* sample({ db, tick }: Session, collection: number, documents: number): Generator<Document> {
  if (documents <= sampleSize) {
    const rows = db
      .prepare('SELECT bson FROM documents WHERE collection = ? ORDER BY id')
      .iterate(collection);
    for (const row of rows) {
      tick();
      yield decode(row['bson'] as Uint8Array);
    }
    return;
  }
  const range = db
    .prepare('SELECT min(id) AS low, max(id) AS high FROM documents WHERE collection = ?')
    .get(collection);
  const low = Number(range?.['low']);
  const step = (Number(range?.['high']) - low) / (sampleSize - 1);
  const next = db.prepare(
    'SELECT id, bson FROM documents WHERE collection = ? AND id >= ? ORDER BY id LIMIT 1',
  );
  let last = -1;
  for (let i = 0; i < sampleSize; i++) {
    tick();
    const row = next.get(collection, Math.floor(low + i * step));
    if (!row || row['id'] === last) continue;
    last = Number(row['id']);
    yield decode(row['bson'] as Uint8Array);
  }
}

function isScalar(value: unknown): boolean {
  const type = typeName(value);
  return type !== 'object' && type !== 'array' && type !== 'null' && type !== 'binData';
}

/** Notes each path of one document once, however often it occurs in arrays. */
function note(fields: Map<string, Field>, document: Document): void {
  const seen = new Map<string, Set<string>>();
  const visit = (path: string, value: unknown, depth: number): void => {
    const type = typeName(value);
    const types = seen.get(path) ?? new Set();
    const field = fields.get(path) ?? { types: {}, present: 0, examples: [] };
    fields.set(path, field);
    seen.set(path, types);
    if (types.size === 0) field.present++;
    if (!types.has(type)) field.types[type] = (field.types[type] ?? 0) + 1;
    types.add(type);
    if (isScalar(value)) example(field, value);
    else if (depth < maxDepth) inside(path, value, depth);
  };
  const inside = (path: string, value: unknown, depth: number): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(`${path}[]`, item, depth + 1);
    } else if (typeName(value) === 'object') {
      for (const [name, item] of Object.entries(value as Document)) visit(`${path}.${name}`, item, depth + 1);
    }
  };
  for (const [name, value] of Object.entries(document)) visit(name, value, 0);
}

function example(field: Field, value: unknown): void {
  if (field.examples.length >= maxExamples) return;
  const short =
    typeof value === 'string' && value.length > maxExampleLength
      ? `${value.slice(0, maxExampleLength)}…`
      : value;
  const text = String(short);
  if (!field.examples.some((other) => String(other) === text)) field.examples.push(short);
}

/** What a sample of the collection's documents looks like, in bounded time on any size. */
export function describe(session: Session, namespace: Namespace): EncodedDescription {
  const { id, name, documents, bytes } = requireCollection(session, namespace);
  const fields = new Map<string, Field>();
  let sampled = 0;
  for (const document of sample(session, id, documents)) {
    note(fields, document);
    sampled++;
  }
  const listed = [...fields].slice(0, maxFields).map(([path, field]) => ({
    path,
    types: field.types,
    present: field.present,
    examples: encode({ values: field.examples }),
  }));
  return { name, documents, bytes, sampled, fields: listed, fieldsLeftOut: fields.size > maxFields };
}
