import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { INVALID_REQUEST } from '@modelcontextprotocol/server';
import {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import type { App } from '../app.ts';
import { isThisMachine } from '../config/this-machine.ts';
import { HydrogenError } from '../errors.ts';
import { answerUnparsed, bodyOf, type HttpRefusal } from './http-answers.ts';
import { absoluteTarget } from './http-guards.ts';
import { portTrouble } from './port-in-use.ts';
import { openTls } from './tls.ts';

/** Largest request body, bytes. */
export const maxBodyBytes = 4 * 2 ** 20;

/** Bytes that a body may have by what its headers say: the length of a chunked one is unknown until it is read. */
export const maxLengthOf = (headers: IncomingHttpHeaders): number =>
  headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : maxBodyBytes;

export function refuse(reply: FastifyReply, refusal: HttpRefusal): void {
  reply
    .code(refusal.status)
    .headers({ ...refusal.headers, 'content-type': 'application/json' })
    .send(bodyOf(refusal));
}

/** Fastify with the limits of this server, over HTTP or HTTPS. */
export interface Listener {
  readonly server: FastifyInstance;
  /** Of the address that is listened at. */
  origin(): string;
  /** @throws HydrogenError `unavailable` for a port that cannot be had */
  listen(): Promise<void>;
  /** Reads the certificate again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

type Options = FastifyHttpOptions<Server>;

/** @param allow the value of the Allow header for what is no HTTP method of ours */
export async function createListener(
  { config, log }: Pick<App, 'config' | 'log'>,
  allow: string,
): Promise<Listener> {
  const { httpHost: host, httpPort: port, httpRequestTimeoutMs, httpTrustedProxies } = config;
  const { httpTlsCert: cert, httpTlsKey: key } = config;
  const tls = cert !== undefined && key !== undefined ? await openTls({ cert, key }, log) : undefined;
  const limits = {
    // A client that is gone without a word, with its stream open, is noticed.
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    headersTimeout: httpRequestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, httpRequestTimeoutMs),
    // Refused later, with an explanation.
    requireHostHeader: false,
  };
  const options: Options = {
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    logger: false,
    // A header or body that never ends would hold its connection forever.
    requestTimeout: httpRequestTimeoutMs,
    genReqId: () => randomUUID(),
    ...(httpTrustedProxies.length > 0 && { trustProxy: [...httpTrustedProxies] }),
    rewriteUrl: ({ url = '/' }) => absoluteTarget(url)?.path ?? url,
    clientErrorHandler: (error, socket) => answerClientError(error, socket),
    frameworkErrors: ({ statusCode = 400, message }, _request, reply) =>
      refuse(reply, { status: statusCode, code: INVALID_REQUEST, message }),
  };
  // The same interface: an HTTPS server is an HTTP server whose sockets are encrypted.
  const server = tls
    ? fastify({
        ...options,
        https: { ...limits, ...tls.first, handshakeTimeout: httpRequestTimeoutMs },
      } as Options)
    : fastify({ ...options, http: limits });
  const answerClientError = answerUnparsed(server.server, allow);
  const followed = tls?.follow(server.server as unknown as HttpsServer);
  return {
    server,
    origin() {
      const { family, address, port: actualPort } = server.server.address() as AddressInfo;
      return `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
    },
    async listen() {
      await server.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
          throw new HydrogenError(
            'unavailable',
            `httpHost "${host}" is no address of this machine. Set one that it has, or 0.0.0.0 for all; a name by which clients reach it belongs into publicUrl or httpAllowedHosts.`,
            { cause },
          );
        }
        throw portTrouble(cause, String(port), 'httpPort') ?? cause;
      });
    },
    reload: async () => followed?.reload(),
    async close() {
      followed?.close();
      await server.close();
    },
  };
}

/**
 * Whether what a client sends could be read on the way: only a gateway that is trusted can say that it was encrypted as
 * far as there. On this machine there is no way to read it.
 */
export function isReadable({ config }: Pick<App, 'config'>, { protocol, socket }: FastifyRequest): boolean {
  const { httpHost, httpInsecure, httpTlsCert } = config;
  if (httpInsecure || httpTlsCert !== undefined || isThisMachine(httpHost)) return false;
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  return protocol !== 'https' && !isThisMachine(peer);
}
