import { readyMessage } from '../../../workers/handle.ts';
import { startThread } from '../../../workers/start.ts';
import { contentType } from '../content-type.ts';
import { documentType } from '../formats.ts';
import { Unreadable } from '../loaders/loader.ts';
import { openArchive } from '../loaders/zip.ts';
import { readBytes, Unopened } from '../read-bytes.ts';
import { readWorkbook } from './read-workbook.ts';
import type { SheetMessage, SheetRequest } from './sheet-messages.ts';

// The entry point of the process that reads workbooks for an import: like the parse process, it may not write, start
// programs or use the network, and has a limit of time and memory.

/** Rows in one message. */
const maxRows = 2_000;
const maxFileBytes = 200_000_000;
/** An import may be larger than a document. */
const maxUnpacked = 400_000_000;

/** Resolves once the message has been sent. */
function send(message: SheetMessage | typeof readyMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

async function answer({ file }: SheetRequest): Promise<void> {
  const bytes = await readBytes({ file, maxBytes: maxFileBytes });
  const named = documentType(file);
  const { type } = await contentType(bytes, named === 'ods' ? 'ods' : 'xlsx');
  if (type !== 'xlsx' && type !== 'ods') throw new Unreadable('its content is no workbook');
  for (const { name, rows, hasMerged } of await readWorkbook(await openArchive(bytes, maxUnpacked), type)) {
    await send({ sheet: name, hasMerged });
    for (let from = 0; from < rows.length; from += maxRows)
      await send({ rows: rows.slice(from, from + maxRows) });
  }
  await send({ end: true });
}

startThread(new URL('../watch-thread.ts', import.meta.url), {
  name: 'watch',
  workerData: { parent: process.ppid, maxBytes: Number(process.argv[2]) },
}).unref();

process.on('message', (request: SheetRequest) => {
  void answer(request).catch(async (error: unknown) => {
    const isKnown = error instanceof Unreadable || error instanceof Unopened;
    await send({ unreadable: isKnown ? error.message : 'it could not be read' });
  });
});
process.on('disconnect', () => process.exit());
void send(readyMessage);
