import { readyMessage } from '../../workers/handle.ts';
import { startThread } from '../../workers/start.ts';
import { parseDocument } from './parse.ts';
import type { ParseMessage, ParseReply, ParseRequest } from './parse-messages.ts';

// The entry point of the parse process: untrusted files are parsed here by third-party libraries, so that one that
// crashes, hangs or exhausts memory takes nothing else down. It may not write files or start programs (permission
// model, see parser.ts).

/** Chunks in one message. */
const maxChunks = 1_000;

/** Resolves once the message has been sent. */
function send(message: ParseMessage | typeof readyMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

async function answer(reply: ParseReply): Promise<void> {
  if (!('document' in reply)) return await send(reply);
  const { document } = reply;
  const { chunks } = document;
  const last = Math.max(0, chunks.length - maxChunks);
  for (let from = 0; from < last; from += maxChunks) {
    await send({ chunks: chunks.slice(from, Math.min(from + maxChunks, last)) });
  }
  await send({ ...reply, document: { ...document, chunks: chunks.slice(last) } });
}

// Kills this process when it uses too much memory, or when its parent dies while it is busy.
startThread(new URL('./watch-thread.ts', import.meta.url), {
  name: 'watch',
  workerData: { parent: process.ppid, maxBytes: Number(process.argv[2]) },
}).unref();

// With a code of its own: on Windows the watchdog's end is told by code 1, which would be Node's for this.
process.on('uncaughtException', () => process.exit(70));
process.on('message', (request: ParseRequest) => {
  void parseDocument(request).then(answer);
});
process.on('disconnect', () => process.exit());
void send(readyMessage);
