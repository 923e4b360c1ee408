import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { isInitializeRequest, type McpServer } from '@modelcontextprotocol/server';

interface Session {
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly server: McpServer;
  lastUsed: number;
  /** Requests being answered; a session at work is not idle. */
  active: number;
}

/** Sessions of 2025-era HTTP clients: bounded in number, ended when idle. */
export interface Sessions {
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

/**
 * @param connect makes a fresh server for a session
 * @param most sessions at a time; when it is reached, the longest idle one makes room
 */
export function createSessions(connect: () => McpServer, most: number, idleMs: number): Sessions {
  const sessions = new Map<string, Session>();

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.server.close();
  }

  const sweep = setInterval(
    () => {
      const before = Date.now() - idleMs;
      for (const [id, { lastUsed, active }] of sessions) if (active === 0 && lastUsed < before) void end(id);
    },
    Math.min(idleMs, 30_000),
  ).unref();

  /** Ends the longest idle session when there is no room. False when every session is at work. */
  async function makeRoom(): Promise<boolean> {
    if (sessions.size < most) return true;
    const idle = [...sessions].filter(([, { active }]) => active === 0);
    const oldest = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed)[0];
    if (!oldest) return false;
    await end(oldest[0]);
    return true;
  }

  async function open(): Promise<Session> {
    const server = connect();
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
    });
    const session: Session = { transport, server, lastUsed: Date.now(), active: 0 };
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (transport.sessionId) sessions.delete(transport.sessionId);
      onclose?.();
    };
    return session;
  }

  async function serve(session: Session, request: IncomingMessage, response: ServerResponse, body: unknown) {
    session.lastUsed = Date.now();
    // The standing event stream of a GET is open for as long as the client lives: it is not work.
    const counts = request.method !== 'GET';
    if (counts) {
      session.active++;
      response.once('close', () => {
        session.active--;
        session.lastUsed = Date.now();
      });
    }
    await session.transport.handleRequest(request, response, body);
  }

  return {
    get size() {
      return sessions.size;
    },
    async handle(request, response, body) {
      const id = request.headers['mcp-session-id'];
      if (typeof id === 'string') {
        const session = sessions.get(id);
        if (!session) return refuse(response, 404, -32001, 'Session not found: it ended. Initialize again.');
        return serve(session, request, response, body);
      }
      if (!isInitializeRequest(body)) {
        return refuse(response, 400, -32000, 'Mcp-Session-Id is missing: begin with initialize.');
      }
      if (!(await makeRoom()))
        return refuse(response, 503, -32000, 'Every session is at work. Try again later.');
      return serve(await open(), request, response, body);
    },
    async close() {
      clearInterval(sweep);
      await Promise.all([...sessions.keys()].map(end));
    },
  };
}
