import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Call, Caller, Operation } from '../call.ts';
import type { Calls } from '../calls.ts';
import type { Config } from '../config.ts';
import { type DispatchRequest, dispatch } from '../dispatch.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { type Guarded, offered } from '../policy/permissions.ts';
import type { Events } from '../stores/events/events.ts';
import type { Services } from '../tools/common/define.ts';
import { answerBytes } from './answer-bytes.ts';
import { withProtocolCall } from './call.ts';
import { withToolPrefix } from './tool-names.ts';

/** What a server needs besides the services: its log, and the calls in progress, so that they can be ended. */
export interface ServerApp extends Services {
  readonly log: Logger;
  readonly calls: Calls;
  /** Differs after a change in the embedded store, whichever process made it. */
  changeMark(): Promise<string>;
  /** Tells when callers may be offered something else. @returns what ends it */
  onOffersChanged(listener: () => void): () => void;
  /** Tell of changes, by other nodes, too. */
  readonly events: Events;
  /** Hears how much text of an answer goes out; absent where nobody counts it. */
  readonly sent?: (operation: Operation, caller: Caller, bytes: number) => void;
}

/** One MCP server, for one connection or request of one caller. */
export interface Serving {
  readonly server: Server;
  /** As the caller may see it at the moment: ask for it again with each request. */
  readonly app: ServerApp;
  readonly caller: Caller;
  /** Where a person opens an exported file. */
  readonly addressOf?: Call['addressOf'];
}

/** Whether all of these tools are offered to the caller. */
export function allOffered(
  { app, caller }: Pick<Serving, 'app' | 'caller'>,
  tools: readonly Guarded[],
): boolean {
  return tools.every((tool) => offered(tool, app.config, caller));
}

/** An error that may be shown, in the form the protocol uses outside `tools/call`. */
function protocolError({ code, message }: HydrogenError, { toolPrefix }: Config): ProtocolError {
  const ofServer = ['internal', 'unavailable', 'timeout', 'too_many'].includes(code);
  return new ProtocolError(
    ofServer ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams,
    withToolPrefix(message, toolPrefix),
  );
}

/** Answers a request other than `tools/call`. */
export async function answer<T extends object>(
  { server, app, caller }: Serving,
  ctx: ServerContext,
  request: DispatchRequest,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  try {
    const answered = await withProtocolCall(ctx, server, caller, app.log, (call) =>
      dispatch(app, request, call, work),
    );
    app.sent?.(request.operation, caller, answerBytes(answered));
    return answered;
  } catch (error) {
    throw error instanceof HydrogenError ? protocolError(error, app.config) : error;
  }
}

/** Answers a request for a list of what the caller is offered; the list is plain data, and one page. */
export function answerList<T extends object>(
  serving: Serving,
  ctx: ServerContext,
  kind: DispatchRequest['kind'],
  params: { readonly cursor?: string | undefined } | undefined,
  list: () => T,
): Promise<T> {
  return answer(serving, ctx, { kind, action: 'list', operation: 'read', needs: [] }, async () => {
    if (params?.cursor === undefined) return list();
    throw badInput('This cursor is not valid: the list is one page. Ask for it without a cursor.');
  });
}

/**
 * Refuses what does not exist or is not offered to the caller: the answer is the same for both; the log distinguishes
 * them.
 * @param needs the tools it needs, if it exists
 */
export async function refuse(
  { server, app, caller }: Serving,
  ctx: ServerContext,
  request: Pick<DispatchRequest, 'kind' | 'action' | 'name' | 'arguments'> & {
    readonly needs?: readonly Guarded[];
  },
  error: ProtocolError,
): Promise<never> {
  const refused = async (): Promise<never> => {
    throw new HydrogenError('not_found', error.message);
  };
  await withProtocolCall(ctx, server, caller, app.log, (call) =>
    dispatch(app, { operation: 'read', needs: [], isUnknown: true, ...request }, call, refused),
  ).catch(() => {});
  throw error;
}
