import { startThread } from '../threads.ts';
import { parseDocument } from './parse.ts';
import type { ParseMessage, ParseRequest } from './parse-messages.ts';

// The entry point of the parse process: files of any origin are taken apart here, by libraries that nobody
// can vouch for, so that one which crashes, hangs or eats memory takes nothing with it. It may not write
// files or start programs (the permission model, see parser.ts).

const send = (message: ParseMessage): void => {
  process.send?.(message, undefined, undefined, () => {});
};

// Ends this process when it needs too much memory, or when its parent is gone while it is busy.
startThread(new URL('./watch-thread.ts', import.meta.url), {
  name: 'watch',
  workerData: { parent: process.ppid, mostBytes: Number(process.argv[2]) },
}).unref();

process.on('message', (request: ParseRequest) => {
  void parseDocument(request).then(send);
});
process.on('disconnect', () => process.exit());
send({ ready: true });
