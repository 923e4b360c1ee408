import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { tooManyOpenFiles } from '../../../file-errors.ts';
import type { Sheet } from '../../../stores/documents/import/workbook.ts';
import { processHandle } from '../../../workers/handle.ts';
import { createPool } from '../../../workers/pool.ts';
import { startProcess } from '../../../workers/start.ts';
import type { SentRow, SheetMessage, SheetRequest } from './sheet-messages.ts';

/** Memory of the process, MB, and the time for one workbook, ms. */
const memoryMb = 1_500;
const timeoutMs = 120_000;
const idleMs = 1_000;
const graceMs = 1_000;

interface OpenSheet {
  readonly name: string;
  readonly hasMerged: boolean;
  readonly rows: SentRow[];
}

interface Job {
  readonly request: SheetRequest;
  readonly sheets: OpenSheet[];
  readonly call: Call;
}

type Outcome = { readonly sheets: readonly OpenSheet[] } | { readonly unreadable: string };

function notStarted(cause: unknown): HydrogenError {
  const message =
    tooManyOpenFiles(cause) ??
    'The process that reads workbooks did not start: the machine may be low on memory or processes. Close some programs and try again.';
  return new HydrogenError('unavailable', message, { cause });
}

const sheetOf = ({ name, rows, hasMerged }: OpenSheet): Sheet => ({
  name,
  rows,
  notes: hasMerged ? ['cells that are merged over rows: their value stands in each row'] : [],
});

/** Adds rows to the sheet that is being received, and tells how many there are. */
function take({ sheets, call }: Job, rows: readonly SentRow[]): void {
  const sheet = sheets.at(-1);
  if (sheet === undefined) return;
  for (const row of rows) sheet.rows.push(row);
  const count = sheet.rows.length;
  call.progress({ done: count, message: `rows of sheet ${sheet.name} read` });
}

/** Reads the sheets of workbooks (XLSX, ODS) in a process of its own, where a hostile one can do no harm, one at a time. */
export function createWorkbooks() {
  const pool = createPool<Job, SheetMessage, Outcome>({
    start() {
      const limits = { heapMegabytes: Math.ceil(memoryMb * 0.8) };
      const bytes = String(memoryMb * 1_000_000);
      try {
        return processHandle(startProcess(new URL('./sheet-process.ts', import.meta.url), [bytes], limits));
      } catch (error) {
        throw notStarted(error);
      }
    },
    idleMs,
    graceMs,
    begin: ({ job, worker }) => worker.post(job.request),
    computes({ after, kill, resolve }) {
      after(timeoutMs, () => {
        kill();
        resolve({ unreadable: `it takes too long to read (more than ${timeoutMs / 1_000} s)` });
      });
    },
    receive(message, { job, resolve }) {
      if ('sheet' in message)
        job.sheets.push({ name: message.sheet, hasMerged: message.hasMerged, rows: [] });
      else if ('rows' in message) take(job, message.rows);
      else resolve('end' in message ? { sheets: job.sheets } : message);
    },
    lost({ resolve, reject }, { cause }, isReady) {
      if (!isReady) return reject(notStarted(cause));
      resolve({ unreadable: `it needs too much memory to read (more than ${memoryMb} MB), or is damaged` });
    },
  });
  return {
    /**
     * @param path its real path
     * @throws HydrogenError `bad_input` for a workbook that cannot be read, with the reason
     */
    async sheets(path: string, call: Call): Promise<readonly Sheet[]> {
      const found = await pool.run({ request: { file: path }, sheets: [], call }, call);
      if ('sheets' in found) return found.sheets.map(sheetOf);
      throw badInput(
        `The workbook cannot be read: ${found.unreadable}. Save the sheet as CSV, or repair the file.`,
      );
    },
    close: () => pool.close(),
  };
}
