import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  INVALID_REQUEST,
  isInitializeRequest,
  type JSONRPCMessage,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { type Caller, callerInLog } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { isSameCaller } from '../policy/authentication.ts';
import { tellAllLists } from '../protocol/notices.ts';
import { sendRefusal } from './http-answers.ts';
import { refusalOfHeaders } from './http-headers.ts';
import { idOf, serverError } from './messages.ts';
import type { NodeMessage, NodeMessages } from './node-messages.ts';
import { createRecentIds } from './recent-ids.ts';
import { type SessionIds, type SessionTerms, sessionKey } from './session-ids.ts';
import { idToPutAway } from './session-places.ts';
import { answersIn, type SessionRequests, trackSessionRequests } from './session-requests.ts';
import { answerThrough } from './web-requests.ts';

interface Session {
  readonly key: string;
  readonly caller: Caller;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: Server;
  readonly requests: SessionRequests;
  lastUsed: number;
  /** Requests in progress; a session that has any is not idle. */
  active: number;
  /** Whether it is to be told that all lists may have changed: it was another process's, maybe with other settings. */
  isStale: boolean;
  /** Streams on which its client listens for notices; a session that has one is not idle either. */
  streams: number;
}

interface Continued {
  readonly session: Session;
  /** Ends the reservation of its place. */
  release(): void;
}

/** A request that is to be handled. */
interface SessionRequest {
  readonly caller: Caller;
  readonly body: unknown;
  /** Of the requests in the body. */
  readonly ids: readonly (string | number)[];
}

/**
 * Sessions of 2025-era HTTP clients: limited in number, put away when idle. One that was put away, also by the end of the
 * process, is continued when its client comes back; one that its client has ended is not. A session is its caller's
 * alone: to others, and to the same caller with other rights, it does not exist.
 */
export interface Sessions {
  handle(request: IncomingMessage, response: ServerResponse, incoming: SessionRequest): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Creates the server for a session. */
  readonly connect: (caller: Caller) => Server;
  readonly ids: SessionIds;
  /** At this number, the session that has been idle longest of whoever has most is put away to make room. */
  readonly maxSessions: number;
  readonly idleMs: number;
  /** To the other nodes of a server, which have the same sessions. */
  readonly nodes?: NodeMessages;
  readonly log: Logger;
}

/** Every session has requests in progress. */
class Busy extends Error {}

const unknownSession = -32_001;

const resourceUpdated = 'notifications/resources/updated';

const unknownClient = { name: 'unknown', version: '0' };

/** The handshake of a session that is continued, as its client made it. */
function handshake({ protocolVersion, capabilities, clientInfo = unknownClient }: SessionTerms) {
  const params = { protocolVersion, capabilities, clientInfo };
  return { jsonrpc: '2.0', id: 'continued', method: 'initialize', params };
}

const handshakeHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

export function createSessions({ connect, ids, maxSessions, idleMs, nodes, log }: SessionOptions): Sessions {
  const sessions = new Map<string, Session>();
  /** Sessions that are being continued: of several requests at once, one does it. */
  const continuing = new Map<string, Promise<Continued>>();
  /** Places of sessions that are being made or continued, until their first request has begun. */
  const reserved = new Map<string, Promise<void>>();
  /** Sessions of this process, which tells them of what changes. */
  const own = createRecentIds();

  const note = ({ key, caller }: Session, what: string): void =>
    // As long as in the lines of calls and in the audit record, so that one is found by the other.
    log.info({ session: key.slice(0, 16), ...callerInLog(caller) }, what);

  async function putAway(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    if (session) note(session, 'session put away');
    if (session) nodes?.send({ kind: 'left', session: session.key });
    await session?.requests.end();
    await session?.server.close();
  }

  const expiry = setInterval(
    () => {
      const before = Date.now() - idleMs;
      for (const [id, { lastUsed, active, streams }] of sessions) {
        // Nobody awaits this.
        if (active + streams === 0 && lastUsed < before) putAway(id).catch(() => {});
      }
    },
    Math.min(idleMs, 30_000),
  ).unref();

  /**
   * Reserves a place for the session of that id, also among those that are being made at the same time. Where all are
   * taken, one is put away: a standing stream must not keep others out, and its client comes back.
   * @returns what ends the reservation: by then the session has its place, or is none
   * @throws Busy
   */
  async function reserve(id: string, caller: Caller): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = (): void => {
      if (reserved.get(id) === promise) reserved.delete(id);
      resolve();
    };
    for (;;) {
      if (new Set([...sessions.keys(), ...reserved.keys()]).size < maxSessions) {
        reserved.set(id, promise);
        return release;
      }
      const oldest = idToPutAway(sessions, caller, (other) => reserved.has(other));
      if (oldest !== undefined) {
        const ending = putAway(oldest);
        reserved.set(id, promise);
        await ending.catch(() => {});
        return release;
      }
      const [other] = reserved.values();
      if (!other) throw new Busy();
      await other;
    }
  }

  /** What other nodes say of a session that is here, too. */
  function onNodeMessage(told: NodeMessage): void {
    if (told.kind === 'ended') ids.revoke(told.session);
    const [id, session] = [...sessions].find(([, { key }]) => key === told.session) ?? [];
    if (id === undefined || session === undefined) return;
    switch (told.kind) {
      case 'ended':
        return void putAway(id).catch(() => {});
      case 'left':
        if (session.streams === 0) return;
        session.isStale = true;
        return void tellStale(session).catch(() => {});
      case 'notice':
        if (session.streams > 0) session.transport.send(told.message).catch(() => {});
        return;
      case 'incoming': {
        if (!isSameCaller(session.caller, told.caller)) return;
        const { own } = session.requests.sort(told.message);
        if (own === undefined) return;
        session.transport.onmessage?.(own as JSONRPCMessage);
        session.requests.onIncoming(own);
      }
    }
  }
  const stopListening = nodes?.onMessage(onNodeMessage, () =>
    [...sessions.values()].flatMap(({ requests }) => [...requests.questions]),
  );

  async function open(caller: Caller, id: string): Promise<Session> {
    const server = connect(caller);
    const key = sessionKey(id);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      onsessioninitialized: () => void sessions.set(id, session),
      async onsessionclosed() {
        note(session, 'session ended by its client');
        ids.revoke(key);
        nodes?.send({ kind: 'ended', session: key });
        await session.requests.end();
      },
    });
    const requests = trackSessionRequests(transport, (message) => {
      // The node that it listens on sees changes of lists by itself, but not what was subscribed to here.
      if (session.streams > 0 || !('method' in message) || message.method !== resourceUpdated) return false;
      nodes?.send({ kind: 'notice', session: key, message });
      return nodes !== undefined;
    });
    const session: Session = {
      key,
      caller,
      transport,
      server,
      requests,
      lastUsed: Date.now(),
      active: 0,
      streams: 0,
      isStale: !own.has(id),
    };
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (sessions.get(id) === session) sessions.delete(id);
      onclose?.();
    };
    return session;
  }

  /** Continues a session by what its id says. @throws Busy */
  async function continued(id: string, caller: Caller, terms: SessionTerms): Promise<Continued> {
    const release = await reserve(id, caller);
    try {
      const session = await open(caller, id);
      const request = new Request('http://localhost/mcp', { method: 'POST', headers: handshakeHeaders });
      const answer = await session.transport.handleRequest(request, { parsedBody: handshake(terms) });
      await answer.text();
      own.add(id);
      note(session, 'session continued');
      return { session, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Serves a request in the session of that id.
   * @throws Busy
   */
  async function serveIn(
    id: string,
    caller: Caller,
    serveRequest: (session: Session | undefined) => Promise<void>,
  ): Promise<void> {
    const known = sessions.get(id) ?? (await continuing.get(id))?.session;
    if (known) return serveRequest(isSameCaller(known.caller, caller) ? known : undefined);
    const terms = await ids.termsOf(id, caller);
    if (!terms) return serveRequest(undefined);
    // Of several that come at once, another may have been faster.
    if (sessions.has(id) || continuing.has(id)) return serveIn(id, caller, serveRequest);
    const making = continued(id, caller, terms);
    continuing.set(id, making);
    try {
      const { session, release } = await making;
      const served = serveRequest(session);
      // Its request is counted by now.
      release();
      await served;
    } finally {
      if (continuing.get(id) === making) continuing.delete(id);
    }
  }

  /** Begins a session. @throws Busy */
  async function begin(
    request: IncomingMessage,
    response: ServerResponse,
    incoming: SessionRequest,
    params: SessionTerms,
  ): Promise<void> {
    const { caller } = incoming;
    const id = await ids.issue(params, caller);
    const release = await reserve(id, caller);
    let session: Session | undefined;
    try {
      own.add(id);
      session = await open(caller, id);
      await serve(session, request, response, incoming);
      if (sessions.get(id) === session) note(session, 'session began');
    } finally {
      release();
      // Refused, or its client has left.
      if (session && sessions.get(id) !== session) await session.server.close();
    }
  }

  /** Counts a request until its response ends. */
  function track(session: Session, request: IncomingMessage, response: ServerResponse): void {
    const count = request.method === 'GET' ? 'streams' : 'active';
    session[count]++;
    response.once('close', () => {
      session[count]--;
      session.lastUsed = Date.now();
    });
  }

  /** Ends the stream of an answer once its client has left: what goes on has nowhere to write to. */
  function endWith(
    response: ServerResponse,
    { transport }: Session,
    request: IncomingMessage,
    [first]: SessionRequest['ids'],
  ): void {
    const end = (): void => {
      if (request.method === 'GET') transport.closeStandaloneSSEStream();
      else if (!response.writableFinished && first !== undefined) transport.closeSSEStream(first);
    };
    if (response.destroyed) end();
    else response.once('close', end);
  }

  /** Another process, which it was of, may offer other tools and miss what changed since. */
  async function tellStale(session: Session): Promise<void> {
    if (!session.isStale) return;
    session.isStale = false;
    await tellAllLists(session.server);
  }

  async function serve(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    { body, ids: requestIds }: SessionRequest,
  ): Promise<void> {
    // The client may have disconnected meanwhile: there is nobody to serve, and no end to come.
    if (response.destroyed) return;
    const duplicate = session.requests.begin(requestIds);
    if (duplicate !== undefined) {
      const message = `Request id ${JSON.stringify(duplicate)} is already in use in this session: give each its own.`;
      return sendRefusal(response, { status: 400, code: INVALID_REQUEST, message, id: idOf(body) });
    }
    session.lastUsed = Date.now();
    track(session, request, response);
    const { own: ownPart, others } = session.requests.sort(body);
    await Promise.all(
      others.map((message) =>
        nodes?.deliver({ kind: 'incoming', session: session.key, caller: session.caller, message }),
      ),
    );
    if (body !== undefined && ownPart === undefined) return void response.writeHead(202).end();
    await answerThrough(request, response, async (web) => {
      const given = ownPart === undefined ? {} : { parsedBody: ownPart };
      const answer = await session.transport.handleRequest(web, given);
      // One that was refused must not end what is open.
      if (answer.ok) endWith(response, session, request, requestIds);
      if (request.method === 'GET' && answer.ok) await tellStale(session);
      return answer;
    });
    session.requests.onIncoming(ownPart);
    // Refused by the transport, so nothing is in progress.
    if (response.statusCode !== 200) session.requests.forget(requestIds);
  }

  /** Answers in a session that cannot be continued here now: whoever asked knows it, and checks who answers. */
  async function passOn(id: string, { caller, body }: SessionRequest): Promise<boolean> {
    const answers = nodes ? answersIn(body) : [];
    const session = sessionKey(id);
    await Promise.all(
      answers.map((message) => nodes?.deliver({ kind: 'incoming', session, caller, message })),
    );
    return answers.length > 0;
  }

  return {
    get size() {
      return sessions.size;
    },
    async handle(request, response, incoming) {
      const { caller, body } = incoming;
      const refuse = (status: number, code: number, message: string): void =>
        sendRefusal(response, { status, code, message, id: idOf(body) });
      const refusal = refusalOfHeaders(request);
      if (refusal) return refuse(refusal.status, serverError, refusal.message);
      const sessionId = request.headers['mcp-session-id'];
      try {
        if (typeof sessionId === 'string') {
          return await serveIn(sessionId, caller, async (session) => {
            if (!session)
              return refuse(404, unknownSession, 'Session not found: it ended. Initialize again.');
            if (isInitializeRequest(body)) {
              const message =
                'This session is already initialized. To start another, send initialize without Mcp-Session-Id.';
              return refuse(400, INVALID_REQUEST, message);
            }
            await serve(session, request, response, incoming);
          });
        }
        if (!isInitializeRequest(body))
          return refuse(400, serverError, 'Mcp-Session-Id is missing: begin with initialize.');
        await begin(request, response, incoming, body.params);
      } catch (error) {
        if (error instanceof HydrogenError && error.code === 'unavailable') {
          if (typeof sessionId === 'string' && (await passOn(sessionId, incoming))) {
            return void response.writeHead(202).end();
          }
          // Not 404: the session may well be there, and few clients begin another.
          return refuse(503, serverError, `The session cannot be continued now. ${error.message}`);
        }
        if (!(error instanceof Busy)) throw error;
        refuse(503, serverError, 'Every session is busy. Try again later.');
      }
    },
    async close() {
      clearInterval(expiry);
      stopListening?.();
      await Promise.all([...sessions.keys()].map(putAway));
    },
  };
}
