import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { App } from '../app.ts';
import type { Caller } from '../call.ts';
import { isSameCaller, isUnauthenticated } from '../policy/authentication.ts';

/** Looks after streams that stay open after their request was let in: they end with its key or token. */
export interface CredentialWatch {
  /** Ends the stream once its caller would not be let in any more, or only as another one. */
  add(headers: IncomingHttpHeaders, caller: Caller, response: ServerResponse): void;
  close(): void;
}

const credentialIn = ({ authorization = '' }: IncomingHttpHeaders): string => authorization;

export interface CredentialWatchOptions {
  /** How often it is looked whether callers of open streams are still let in, ms. */
  readonly lookEveryMs?: number;
  /** How long a stream stays open while it cannot be told who its caller is, ms: its token may have ended meanwhile. */
  readonly graceMs?: number;
}

interface OpenStream {
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  /** When its caller was last known, by the process's clock, ms. */
  knownAt: number;
}

export function createCredentialWatch(
  { authenticate, log }: Pick<App, 'authenticate' | 'log'>,
  { lookEveryMs = 2_000, graceMs = 60_000 }: CredentialWatchOptions = {},
): CredentialWatch {
  const open = new Map<ServerResponse, OpenStream>();
  /** Callers that are being looked for, by what they sent: one who does not come is not asked for again and again. */
  const looking = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  /** Looks for the caller of streams that were opened with the same credential. */
  async function lookFor(headers: IncomingHttpHeaders, sent: string): Promise<void> {
    const now = await authenticate(headers).catch((err: unknown) => {
      log.warn({ err }, 'the caller of an open stream could not be checked');
      return undefined;
    });
    const isKnown = now !== undefined && !(isUnauthenticated(now) && now.status === 503);
    for (const [response, stream] of open) {
      if (credentialIn(stream.headers) !== sent) continue;
      // While it cannot be told, nobody is known to have lost anything; calls are refused meanwhile.
      if (!isKnown) {
        if (performance.now() - stream.knownAt > graceMs) response.destroy();
      } else if (isUnauthenticated(now) || !isSameCaller(now, stream.caller)) response.destroy();
      else stream.knownAt = performance.now();
    }
  }

  /** All at once: the streams of one issuer do not wait for another that is slow. */
  function look(): void {
    const sent = new Map([...open.values()].map(({ headers }) => [credentialIn(headers), headers]));
    for (const [credential, headers] of sent) {
      if (looking.has(credential)) continue;
      looking.add(credential);
      void lookFor(headers, credential).finally(() => looking.delete(credential));
    }
  }

  return {
    add(headers, caller, response) {
      if (response.destroyed) return;
      open.set(response, { headers: { ...headers }, caller, knownAt: performance.now() });
      response.once('close', () => open.delete(response));
      timer ??= setInterval(look, lookEveryMs).unref();
    },
    close: () => clearInterval(timer),
  };
}
