type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

export interface DownloadOptions {
  /** Time to the first byte, and the longest pause after it, in ms. */
  readonly timeoutMs: number;
  /** Sent to this host only. */
  readonly authorization?: { readonly host: string; readonly value: string };
  /** Called when a request starts and as bytes arrive. */
  readonly onBytes: (loaded: number, total: number | undefined) => void;
}

/** The hub did not answer, as opposed to answering with an error. */
export class DownloadTimeout extends Error {}

const maxAttempts = 3;
const firstPauseMs = 500;

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The response with a body that fails when nothing arrives for `timeoutMs`. */
function watched(response: Response, abort: AbortController, options: DownloadOptions): Response {
  if (!response.body) return response;
  const length = Number(response.headers.get('content-length'));
  const total = length > 0 ? length : undefined;
  let loaded = 0;
  let timer: NodeJS.Timeout | undefined;
  const restartTimer = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(new DownloadTimeout()), options.timeoutMs);
  };
  restartTimer();
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        restartTimer();
        loaded += chunk.byteLength;
        options.onBytes(loaded, total);
        controller.enqueue(chunk);
      },
      flush: () => clearTimeout(timer),
    }),
  );
  return new Response(body, { status: response.status, headers: response.headers });
}

/** One request; the response must start within the time limit. */
async function request(input: string | URL, init: RequestInit, options: DownloadOptions): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new DownloadTimeout()), options.timeoutMs);
  try {
    return watched(await fetch(input, { ...init, signal: abort.signal }), abort, options);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `fetch` with what transformers.js lacks: a time limit for the response and for every pause in it, three
 * attempts, and the token or password of a mirror.
 */
export function downloadFetch(options: DownloadOptions): Fetch {
  const { authorization } = options;
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (authorization && new URL(input).host === authorization.host)
      headers.set('authorization', authorization.value);
    options.onBytes(0, undefined);
    for (let attempt = 1; ; attempt++) {
      const last = attempt === maxAttempts;
      try {
        const response = await request(input, { ...init, headers }, options);
        if (last || !isTransient(response.status)) return response;
      } catch (error) {
        if (last) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** (attempt - 1)));
    }
  };
}
