import { z } from 'zod';

// Shared argument schemas: each description is written once and paid for by every tool that uses it.

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const connection = z.string().min(1).max(64).optional();
export const database = z.string().min(1).max(64).optional();
const collection = z.string().min(1).max(255);
/** The arguments of every tool on a collection. */
export const target = { connection, database, collection };
/** Not validated further, so that no key is lost (a record would drop `__proto__`). */
export const queryObject = z
  .custom<Record<string, unknown>>(isPlainObject, 'must be an object')
  .meta({ type: 'object' });
export const filter = queryObject.default({}).describe('MongoDB filter; Extended JSON for ids and dates');
export const collation = queryObject.optional().describe('e.g. {"locale":"en","strength":2}');
function length(word: 'least' | 'most', count: number): string {
  return `must have at ${word} ${count.toLocaleString('en')} ${count === 1 ? 'item' : 'items'}`;
}

/**
 * Reports only the first invalid item, and does not inspect a list that is too long: zod would report each of a million
 * items. The length limits are enforced without appearing in the schema, where they would cost tokens.
 */
export function listOf<Item>(item: z.ZodType<Item>, { min, max }: { min?: number; max?: number } = {}) {
  const { $schema: _schema, ...items } = z.toJSONSchema(item, { io: 'input', unrepresentable: 'any' });
  return z
    .custom<Item[]>()
    .superRefine((value, context) => {
      const report = (message: string): void =>
        void context.addIssue({ code: 'custom', message, input: value });
      if (!Array.isArray(value)) return report('must be a list');
      if (value.length < (min ?? 0)) return report(length('least', min ?? 0));
      if (value.length > (max ?? value.length)) return report(length('most', max ?? 0));
      for (const [i, entry] of value.entries()) {
        const issue = item.safeParse(entry, { reportInput: true }).error?.issues[0];
        if (issue === undefined) continue;
        context.addIssue({ ...issue, path: [i, ...issue.path] });
        return undefined;
      }
      return undefined;
    })
    .meta({ type: 'array', items });
}

/** MongoDB's limit on stages. */
export const pipeline = listOf(queryObject, { max: 1_000 });
/** Without a default: omitting it must not mean everything. */
export const changeFilter = queryObject.describe('MongoDB filter; Extended JSON for ids and dates');
export const many = z.boolean().default(false);
/** A list of stages is taken too, as in MongoDB; the schema has one type, which every provider accepts. */
export const updateObject = z
  .custom<Record<string, unknown> | Record<string, unknown>[]>(
    (value) => isPlainObject(value) || (Array.isArray(value) && value.every(isPlainObject)),
    'must be an object of update operators or a list of stages',
  )
  .meta({ type: 'object' });
export const cursor = z.string().max(4_096).optional().describe('from the last answer; same other arguments');
export const limit = (fallback: number) => z.int().min(1).max(10_000).default(fallback);
/** Anything longer is no name, and would only be repeated in an error. */
export const name = z.string().min(1).max(1_024);
export const documentId = z.string().min(1).max(1_024);
export const waitSeconds = (fallback: number) => z.number().min(0).max(300).default(fallback);
