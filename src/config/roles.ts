import { z } from 'zod';
import { operations } from '../call.ts';

/** `*` stands for any characters; a pattern that begins with "!" takes out what the others name. An empty list: none. */
const patterns = z.array(z.string().min(1).max(500));

const collectionPattern = z
  .string()
  .regex(
    /^!?[^/]+\/[^/]+\/./,
    'must be connection/database/collection, such as sales/shop/orders or */*/logs',
  );
const collectionPatterns = z.array(collectionPattern);

const filter = z.record(z.string(), z.unknown());

const rowRule = z.union(
  [
    z.strictObject({ collection: collectionPattern, filter }),
    z.strictObject({ source: z.string().min(1).max(500), filter }),
  ],
  {
    error:
      'must have "filter", and either "collection" (as connection/database/collection) or "source", and nothing else',
  },
);

const hiddenFields = z.strictObject({
  collection: collectionPattern,
  fields: z
    .array(
      z
        .string()
        .regex(/^[^$.\0][^\0]*$/, 'must be a dotted path of a field')
        .refine((path) => !path.split('.').some((part) => part === '' || /^\d+$/.test(part)), {
          error: 'must have no numbers and no empty parts: a field is hidden in all elements of a list',
        })
        .refine((path) => path.split('.')[0] !== '_id', {
          error: 'must not be _id, by which documents are told apart: narrow the rows instead',
        }),
    )
    .min(1)
    .describe('Dotted paths, which stand for all that is under them.'),
});

/** What callers with a role may do and see. What is left out is not narrowed; an empty list allows nothing. */
export const role = z.strictObject({
  operations: z.array(z.enum(operations)).optional().describe('What it may do; default: all.'),
  tools: patterns.optional().describe('Names of tools.'),
  collections: collectionPatterns.optional().describe('As connection/database/collection.'),
  sources: patterns.optional().describe('Sources of the library, and names of qdrantCollections.'),
  workflows: patterns.optional().describe('Names of workflows.'),
  rows: z
    .array(rowRule)
    .default([])
    .describe('Only documents that match exist; `$caller.name` stands for a claim of the caller.'),
  hidden: z.array(hiddenFields).default([]).describe('Fields that do not exist.'),
});

export type Role = z.output<typeof role>;

export const roleName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, "_", "." or "-"');
