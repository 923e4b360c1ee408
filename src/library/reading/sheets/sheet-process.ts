import { readyMessage } from '../../../workers/handle.ts';
import { startThread } from '../../../workers/start.ts';
import { contentType } from '../content-type.ts';
import { documentType } from '../formats.ts';
import { Unreadable } from '../loaders/loader.ts';
import { openArchive } from '../loaders/zip.ts';
import { readBytes, Unopened } from '../read-bytes.ts';
import { readWorkbook } from './read-workbook.ts';
import type { SheetContent } from './sheet.ts';
import type { SheetMessage, SheetRequest } from './sheet-messages.ts';

// The entry point of the process that reads workbooks for an import: like the parse process, it may not write, start
// programs or use the network, and has a limit of time and memory.

/** Rows in one message. */
const maxRows = 2_000;
const maxFileBytes = 200_000_000;
/** An import may be larger than a document. */
const maxUnpacked = 400_000_000;
/** The import holds all cells: it reads a sheet twice. */
const maxCells = 5_000_000;
const maxCharacters = 200_000_000;
/** Places up to the last cell of each row, most of them empty where a stray cell stands far to the right. */
const maxPlaces = 20_000_000;

/** Resolves once the message has been sent. */
function send(message: SheetMessage | typeof readyMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

/** @throws Unreadable as soon as a limit is passed; empty cells cost nothing, as there may be 16,384 in each row */
function checkSize(sheets: readonly SheetContent[]): void {
  const count = (limit: number): string => limit.toLocaleString('en');
  let [cells, characters, places] = [0, 0, 0];
  for (const { row, cells: inRow } of sheets.flatMap(({ rows }) => rows)) {
    places += inRow.length;
    if (places > maxPlaces) {
      throw new Unreadable(
        `its rows up to row ${row} reach over more than ${count(maxPlaces)} places, empty ones included (delete stray cells far to the right)`,
      );
    }
    const filled = Object.values(inRow);
    cells += filled.length;
    for (const cell of filled) if (typeof cell === 'string') characters += cell.length;
    if (cells > maxCells) throw new Unreadable(`it has more than ${count(maxCells)} cells`);
    if (characters > maxCharacters)
      throw new Unreadable(`its cells have more than ${count(maxCharacters)} characters`);
  }
}

async function answer({ file }: SheetRequest): Promise<void> {
  const bytes = await readBytes({ file, maxBytes: maxFileBytes });
  const named = documentType(file);
  const { type } = await contentType(bytes, named === 'ods' ? 'ods' : 'xlsx');
  if (type !== 'xlsx' && type !== 'ods') throw new Unreadable('its content is no workbook');
  const sheets = await readWorkbook(await openArchive(bytes, maxUnpacked), type);
  checkSize(sheets);
  for (const { name, rows, hasMerged } of sheets) {
    await send({ sheet: name, hasMerged });
    for (let from = 0; from < rows.length; from += maxRows) {
      const part = rows.slice(from, from + maxRows);
      await send({
        rows: part.map(({ row, cells }) => ({ at: row, cells: Array.from(cells, (cell) => cell ?? '') })),
      });
    }
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
