import type { Asking, Question } from '../call.ts';
import type { Config } from '../config.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import { askedFirst, type Tool, tokenArgument } from '../tools/common/define.ts';

// Confirmation in two calls, where the settings offer it (`confirmBy`): the first is answered with what would happen and
// a token, a second one with the token makes the change.

type Confirming = Pick<Tool, 'isConfirmed'>;
type Settings = Pick<Config, 'confirmBy' | 'confirmWrites'>;

/** Whether a tool has the argument under these settings. */
function takesToken({ isConfirmed }: Confirming, { confirmBy, confirmWrites }: Settings): boolean {
  return isConfirmed === true && confirmWrites === 'ask' && confirmBy !== 'elicitation';
}

type JsonSchema = { readonly type: 'object'; readonly [keyword: string]: unknown };

/** The schema of a tool's arguments with the token, where it is taken. */
export function withTokenArgument(schema: JsonSchema, tool: Confirming, settings: Settings): JsonSchema {
  if (!takesToken(tool, settings)) return schema;
  const token = {
    type: 'string',
    description: 'token of the answer that asked for it; same other arguments',
  };
  return { ...schema, properties: { ...Object(schema['properties']), [tokenArgument]: token } };
}

/** What a tool's description says of who is asked. */
export function withConfirmer(description: string, { confirmBy, confirmWrites }: Settings): string {
  return confirmBy === 'token' && confirmWrites === 'ask'
    ? description.replace(askedFirst, 'It takes a second call to confirm it.')
    : description;
}

/** A call's arguments without the token, and who is asked. */
export interface Confirmed {
  readonly args: unknown;
  readonly asking?: Asking;
}

const ask: Asking['ask'] = async (question) => {
  throw new QuestionPending(question);
};

/**
 * Takes the token out of the arguments.
 * @param person the way to a person through the client; where there is one, only `token` replaces it, and a token given
 * all the same counts for nothing
 */
export function takeToken(
  tool: Confirming,
  args: unknown,
  person: Asking | undefined,
  settings: Settings,
): Confirmed {
  if (!takesToken(tool, settings)) return { args, ...(person && { asking: person }) };
  const { [tokenArgument]: token, ...others } = Object(args ?? {}) as Readonly<Record<string, unknown>>;
  if (person && settings.confirmBy !== 'token') return { args: others, asking: person };
  const isGiven = token !== undefined && token !== null && token !== '';
  const reply = isGiven ? { reply: { token: String(token), answer: 'yes' as const } } : {};
  return { args: others, asking: { byToken: true, ask, ...reply } };
}

/** The answer to the first call. */
export function tokenQuestion(name: string, { message, token }: Question, waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1_000).toLocaleString('en');
  return `Nothing was changed yet. ${message}\n\nIf the user wants exactly this, call ${name} again within ${seconds} s with the same arguments and "${tokenArgument}": "${token}". This server asks no person itself (setting confirmBy).`;
}
