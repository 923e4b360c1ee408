import { HydrogenError } from '../../errors.ts';
import { type Document, decode, encode } from '../../mql/formats.ts';
import type { CacheKey } from '../../stores/cache/cache.ts';
import { ageNote } from './age.ts';
import type { Rows, ToolContext } from './define.ts';

interface RememberedAnswer {
  /** The tool. */
  readonly name: string;
  readonly args: unknown;
  /** What the answer is made of beside the arguments: which server, and what of it. */
  readonly of: readonly string[];
  /** What makes it worthless when it changes. */
  readonly tags: readonly string[];
  /** Whether rows are documents, with values of BSON's types. */
  readonly hasDocuments: boolean;
}

/** BSON keeps the types of values in rows. */
const ofDocuments = {
  packed: (answer: Rows): Uint8Array => encode(answer as unknown as Document),
  unpacked: (bytes: Uint8Array): unknown => decode(Buffer.from(bytes)),
};
const ofPlainRows = {
  packed: (answer: Rows): Uint8Array => Buffer.from(JSON.stringify(answer)),
  unpacked: (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString()),
};

/** An answer, and whether it may be kept: one that will be better in a moment is not. */
interface Computed<Row> {
  readonly answer: Rows<Row>;
  readonly isKept: boolean;
}

/**
 * An answer with rows, which is kept for a while where the setting `answerCacheMs` asks for it, and then says how old it
 * is. Callers with other rights have answers of their own; those of a caller with roles are not kept, since what its roles
 * and claims let it see may change at any time.
 */
export async function rememberedAnswer<Row>(
  { name, args, of, tags, hasDocuments }: RememberedAnswer,
  {
    config,
    cache,
    call,
  }: Pick<ToolContext, 'cache' | 'call'> & {
    readonly config: Pick<ToolContext['config'], 'answerCacheMs'>;
  },
  compute: (call: ToolContext['call']) => Promise<Computed<Row>>,
): Promise<Rows<Row>> {
  const { id, scopes, roles } = call.caller;
  if (config.answerCacheMs === 0 || roles !== undefined) return (await compute(call)).answer;
  const who = [id, [...scopes].sort().join()];
  // The order of names matters in MongoDB's language, so that another order is another question.
  const key: CacheKey = { kind: 'answer', parts: [name, ...who, ...of, JSON.stringify(args)], tags };
  const options = { ttlMs: config.answerCacheMs };
  const { packed, unpacked } = hasDocuments ? ofDocuments : ofPlainRows;
  let unkept: Rows<Row> | undefined;
  try {
    const { value, ageMs } = await cache.remember(
      key,
      options,
      async (inner) => {
        const { answer, isKept } = await compute(inner);
        if (isKept) return packed(answer);
        unkept = answer;
        throw new HydrogenError('conflict', 'This answer is not kept.');
      },
      call,
    );
    const answer = unpacked(value) as Rows<Row>;
    return { ...answer, summary: `${answer.summary}${ageNote(ageMs)}` };
  } catch (error) {
    if (unkept !== undefined) return unkept;
    // Another call has computed one that is not kept.
    if (error instanceof HydrogenError && error.code === 'conflict') return (await compute(call)).answer;
    throw error;
  }
}
