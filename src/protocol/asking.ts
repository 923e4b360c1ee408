import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  SdkError,
  SdkErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Asking, Question, Reply } from '../call.ts';
import { QuestionPending } from '../policy/question-pending.ts';

/** The first protocol version without requests from server to client. */
const firstModernVersion = '2026-07-28';

/** The name of the only question among the inputs of a call. */
const key = 'confirmation';

/** The part that the SDK's envelope type omits. */
interface Envelope {
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
}

/** A form with one box to tick. */
function form({ message }: Question) {
  return {
    mode: 'form' as const,
    message,
    requestedSchema: {
      type: 'object' as const,
      properties: { confirm: { type: 'boolean' as const, title: 'Yes, make this change' } },
      required: ['confirm'],
    },
  };
}

/** The result that asks the client to put a question to the user and to call again with the reply. */
export function questionResult(question: Question) {
  return inputRequired({
    inputRequests: { [key]: inputRequired.elicit(form(question)) },
    requestState: question.token,
  });
}

/** Clients older than elicitation modes declare `elicitation: {}`, which means forms. */
function asksByForm({ elicitation }: ClientCapabilities = {}): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

function answerOf(response: ReturnType<typeof inputResponse>): Reply['answer'] {
  if (response.kind !== 'elicit') return 'malformed';
  if (response.action === 'decline') return 'no';
  if (response.action === 'cancel') return 'cancel';
  const confirm = response.action === 'accept' ? response.content?.['confirm'] : undefined;
  if (typeof confirm !== 'boolean') return 'malformed';
  return confirm ? 'yes' : 'no';
}

/** Asks with a request to the client, whose response is the reply. */
async function push({ mcpReq }: ServerContext, question: Question, waitMs: number): Promise<Reply> {
  const { token } = question;
  try {
    const response = await mcpReq.send(
      { method: 'elicitation/create', params: form(question) },
      { timeout: waitMs, signal: mcpReq.signal },
    );
    return { token, answer: answerOf(inputResponse({ [key]: response }, key)) };
  } catch (error) {
    if (mcpReq.signal.aborted) throw error;
    const late = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
    return { token, answer: late ? 'silence' : 'malformed' };
  }
}

/** Whether the client speaks a version of 2026 or later. */
export function isModern(server: Server): boolean {
  return (server.getNegotiatedProtocolVersion() ?? '') >= firstModernVersion;
}

/** How to ask the person behind a request; undefined when the client does not support it. */
export function protocolAsking(ctx: ServerContext, server: Server): Asking | undefined {
  const { mcpReq } = ctx;
  const modern = isModern(server);
  const capabilities = modern
    ? (mcpReq.envelope as Envelope | undefined)?.[CLIENT_CAPABILITIES_META_KEY]
    : server.getClientCapabilities();
  if (!asksByForm(capabilities)) return undefined;
  const token = mcpReq.requestState<string>();
  return {
    ...(token !== undefined && {
      reply: { token, answer: answerOf(inputResponse(mcpReq.inputResponses, key)) },
    }),
    async ask(question, waitMs) {
      if (modern) throw new QuestionPending(question);
      return push(ctx, question, waitMs);
    },
  };
}
