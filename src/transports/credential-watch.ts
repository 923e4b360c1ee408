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

/** How often it is looked whether callers of open streams are still let in, ms. */
const lookEveryMs = 2_000;

export function createCredentialWatch({
  authenticate,
  log,
}: Pick<App, 'authenticate' | 'log'>): CredentialWatch {
  const open = new Map<ServerResponse, { readonly headers: IncomingHttpHeaders; readonly caller: Caller }>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    for (const [response, { headers, caller }] of [...open]) {
      if (!open.has(response)) continue;
      const now = await authenticate(headers).catch((err: unknown) => {
        log.warn({ err }, 'the caller of an open stream could not be checked');
        return undefined;
      });
      // While it cannot be told, nobody is known to have lost anything; calls are refused meanwhile.
      if (now === undefined || (isUnauthenticated(now) && now.status === 503)) continue;
      if (isUnauthenticated(now) || !isSameCaller(now, caller)) response.destroy();
    }
  }

  /** One look at a time: while a store or an issuer is slow to answer, they would pile up. */
  async function lookAgain(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  }

  return {
    add(headers, caller, response) {
      if (response.destroyed) return;
      open.set(response, { headers: { ...headers }, caller });
      response.once('close', () => open.delete(response));
      timer ??= setInterval(() => void lookAgain(), lookEveryMs).unref();
    },
    close: () => clearInterval(timer),
  };
}
