import type { Call } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import { type Document, decode } from '../../../mql/formats.ts';
import { typeName } from '../../../mql/values/types.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';

/** How many documents on either side are looked at. */
const maxDocuments = 300;
const maxBytes = 4 * 2 ** 20;
/** Most fields that are named. */
const maxFields = 8;

/** What a query tells apart: numbers of any type are compared with each other. */
const words: Readonly<Record<string, string>> = {
  int: 'number',
  long: 'number',
  double: 'number',
  decimal: 'number',
  string: 'text',
  bool: 'boolean',
  object: 'document',
  array: 'list',
  objectId: 'ObjectId',
};

/** The types of the fields of documents, in words. */
type Types = Map<string, Set<string>>;

function note(types: Types, document: Document): void {
  for (const [field, value] of Object.entries(document)) {
    const type = typeName(value);
    if (type === 'null' || type === 'undefined') continue;
    types.set(field, (types.get(field) ?? new Set()).add(words[type] ?? type));
  }
}

async function typesIn(store: DocumentStore, namespace: Namespace, call: Call): Promise<Types> {
  const types: Types = new Map();
  try {
    const query = { ...namespace, filter: {}, skip: 0, limit: maxDocuments, maxBytes };
    const { documents } = await store.find(query, call);
    for (const document of documents) note(types, document);
  } catch (error) {
    // A new collection; what else is wrong with it, writing to it tells.
    if (!(error instanceof HydrogenError) || error.code === 'cancelled') throw error;
  }
  return types;
}

/** The types of a file's fields against those that its collection has already. */
export interface TypeComparison {
  /** Notes the types of a document of the file; later ones are not looked at. */
  meet(bson: Uint8Array): void;
  notes(): string[];
}

const listed = (types: Iterable<string>): string => [...types].sort().join(' and ');

/**
 * A field with another type than the collection has is found by other queries, which nothing else tells.
 * @param isEmptied the collection loses what it has
 */
export async function compareTypes(
  store: DocumentStore,
  namespace: Namespace,
  isEmptied: boolean,
  call: Call,
): Promise<TypeComparison> {
  const there: Types = isEmptied ? new Map() : await typesIn(store, namespace, call);
  const here: Types = new Map();
  let met = 0;
  return {
    meet(bson) {
      if (there.size === 0 || met >= maxDocuments) return;
      met++;
      try {
        note(here, decode(bson));
      } catch {
        // What is wrong with the document is told where it is written.
      }
    },
    notes() {
      const others = [...here].flatMap(([field, types]) => {
        const known = there.get(field);
        if (known === undefined || [...types].every((type) => known.has(type))) return [];
        return [`${field}: ${listed(types)} here, ${listed(known)} in the collection`];
      });
      const more = others.length - maxFields;
      return more > 0 ? [...others.slice(0, maxFields), `and ${more} more fields with other types`] : others;
    },
  };
}
