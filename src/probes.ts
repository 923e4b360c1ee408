import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, systemCall, within } from './call.ts';
import type { PlaceFault } from './config/data-directory.ts';
import type { SettingsFile } from './config/load.ts';
import { type ErrorCode, HydrogenError } from './errors.ts';
import { absenceDetail } from './library/absence-text.ts';
import type { Library } from './library/types.ts';
import { unknownCure, unknownPassages } from './library/unknown-passages.ts';
import type { Probe } from './observability/health.ts';
import type { Connections } from './stores/documents/connections.ts';
import { isExposed } from './stores/keep-private.ts';
import { riskAt } from './stores/risky-place.ts';
import type { ServerStatus, StoreEvent, StoreStatus } from './stores/store-status.ts';
import { plural } from './tools/common/queries.ts';
import type { Workflows } from './workflows/types.ts';

interface Parts {
  readonly settingsFiles: readonly SettingsFile[];
  readonly dataDirectory: string;
  readonly place: PlaceFault | undefined;
  readonly status: StoreStatus;
  readonly connections: Connections;
  /** Other than the store file. */
  readonly servers: readonly ServerStatus[];
  readonly library: Library;
  readonly workflows: Workflows;
}

/** How long checking new definitions may go on after a probe has answered, ms. */
const checkMs = 60_000;

/** Warn if there is less free space than this, bytes. */
const minFreeBytes = 100_000_000;

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

function describeEvent({ kind, at }: StoreEvent): { detail: string; action: string } {
  const when = `at ${at.toISOString().slice(0, 19)}Z, while this server ran`;
  switch (kind) {
    case 'anew':
      return {
        detail: `the data directory was replaced by an empty one ${when}; a new, empty store was created`,
        action: 'If that was unintended, put the data directory back: it is used at once.',
      };
    case 'replaced':
      return {
        detail: `the store file was replaced by another ${when}; that one is used`,
        action: 'If that was unintended, put the old store file back: it is used at once.',
      };
    case 'log':
      return {
        detail: `hydrogen.sqlite was truncated, or hydrogen.sqlite-wal or -shm deleted or replaced ${when}; all were reopened`,
        action:
          'Check that the last changes are there. Stop all servers on a data directory before touching these files.',
      };
  }
}

const exposed =
  "The data directory's file system has no permissions, so other users of this computer may read it: set another with HYDROGEN_DATA_DIR.";
const noLog =
  'The store keeps no log (its journal_mode is not WAL), so who reads waits for who writes: the file system cannot have one, or another program has switched it off until the next write. If it stays so, set another data directory with HYDROGEN_DATA_DIR, on a disk of this computer.';

function store({ status, dataDirectory }: Parts): Probe {
  return {
    name: 'store',
    required: true,
    async check(call) {
      const { bytes, format, hasLog } = await status.statistics(call);
      const detail = `embedded SQLite file, ${megabytes(bytes)}, format ${format}`;
      const { bavail, bsize } = await statfs(dataDirectory);
      const free = bavail * bsize;
      if (free <= minFreeBytes) {
        const action = `Free some space: only ${megabytes(free)} is left on the disk of the data directory.`;
        return { state: 'degraded', detail, action };
      }
      const event = status.event();
      if (event) {
        const { detail: happened, action } = describeEvent(event);
        return {
          state: event.kind === 'replaced' ? 'up' : 'degraded',
          detail: `${detail}; ${happened}`,
          action,
        };
      }
      const advice = [
        hasLog ? undefined : noLog,
        await riskAt(dataDirectory),
        (await isExposed(dataDirectory)) ? exposed : undefined,
      ].filter((text) => text !== undefined);
      return { state: 'up', detail, ...(advice.length > 0 && { action: advice.join(' ') }) };
    },
  };
}

function data({ connections }: Parts): Probe {
  return {
    name: 'collections',
    needs: 'store',
    required: true,
    async check(call) {
      const databases = await connections.get('embedded').store.databases(call);
      const collections = databases.reduce((sum, database) => sum + database.collections, 0);
      const detail = `${collections.toLocaleString('en')} in ${plural(databases.length, 'database')}`;
      if (collections > 0) return { state: 'up', detail };
      return { state: 'up', detail: 'no data yet', action: 'Import some: hydrogen import COLLECTION FILE' };
    },
  };
}

/** How long a server may take to answer, ms: less than a probe's limit, at which it would be reported as busy. */
const pingMs = 1_500;

/** The server answers, but not with what is needed: what it says is what to do. */
const refusals: readonly string[] = ['not_found', 'not_supported', 'not_allowed'] satisfies ErrorCode[];

function server(status: ServerStatus): Probe {
  const { name, of, ping } = status;
  return {
    name,
    required: false,
    async check(call) {
      try {
        const ms = await ping(within(call, pingMs));
        return { state: 'up', detail: `${status.where}, answers in ${Math.ceil(ms)} ms` };
      } catch (error) {
        if (call.signal.aborted || !(error instanceof HydrogenError)) throw error;
        call.log.warn({ err: error, part: name }, 'the server is not responding');
        if (refusals.includes(error.code)) {
          return { state: 'down', detail: `${status.where}, cannot be used`, action: error.message };
        }
        const action =
          error.code === 'unavailable'
            ? error.message
            : `Check that the server of ${of} runs and can be reached at that address; calls work again as soon as it answers.`;
        return { state: 'down', detail: `${status.where}, does not answer`, action };
      }
    },
  };
}

const awayAction =
  'Mount the disk or put the folder back: it is then read again. If its files are gone for good: `hydrogen ingest FOLDER --prune`, or `hydrogen remove` for a folder that is gone too.';

/** What to do about passages without a vector. */
function vectorAction({ chunks, embedded, unknown, model }: Awaited<ReturnType<Library['status']>>): {
  readonly action?: string;
} {
  if (embedded + unknown === chunks) return unknown > 0 ? { action: unknownCure } : {};
  // If they cannot be made, the embeddings probe says why.
  if (['off', 'missing', 'failed'].includes(model.state)) return {};
  return { action: 'Vectors are made while a server runs, or now with: hydrogen reindex' };
}

function search({ library }: Parts): Probe {
  return {
    name: 'search',
    needs: 'store',
    required: true,
    async check(call) {
      const [status, absences] = await Promise.all([library.status(call), library.absences(call)]);
      const { documents, chunks, embedded, unknown, mismatch } = status;
      const detail = `${plural(documents, 'document')} in the library, ${plural(chunks, 'passage')}, ${embedded} with a vector${unknown > 0 ? `; ${unknownPassages(unknown)}` : ''}`;
      const [absent] = absences;
      if (absent) {
        const more = absences.length > 1 ? `; and ${absences.length - 1} more (list_sources)` : '';
        return {
          state: 'degraded',
          detail: `${detail}; ${absenceDetail(absent)}${more}`,
          action: awayAction,
        };
      }
      if (mismatch !== undefined) return { state: 'degraded', detail, action: mismatch };
      if (documents === 0)
        return { state: 'up', detail: 'nothing ingested yet', action: 'Ingest some: hydrogen ingest PATH' };
      return { state: 'up', detail, ...vectorAction(status) };
    },
  };
}

function embeddings({ library }: Parts): Probe {
  return {
    name: 'embeddings',
    needs: 'store',
    required: false,
    async check() {
      const model = library.model();
      const detail = `${model.name}: ${model.state}`;
      switch (model.state) {
        case 'off':
          return { state: 'off', detail: 'switched off: search answers by keywords' };
        case 'loading':
        case 'idle':
          return {
            state: 'up',
            detail: model.state === 'idle' ? `${model.name}: loaded when needed` : detail,
          };
        case 'ready':
          return { state: 'up', detail };
        case 'missing':
        case 'failed':
          return {
            state: 'degraded',
            detail: `${detail}; search answers by keywords`,
            ...(model.detail && { action: model.advice ?? model.detail }),
          };
      }
    },
  };
}

function runs({ workflows }: Parts): Probe {
  let checking: ReturnType<Workflows['status']> | undefined;
  /** What ended the last check: the next one is not said to be the first. */
  let failed: unknown;
  const begin = ({ log }: Call): ReturnType<Workflows['status']> => {
    const status = workflows.status(systemCall(log, { limitMs: checkMs }));
    const done = (error?: unknown): void => {
      checking = undefined;
      failed = error;
    };
    status.then(() => done(), done);
    return status;
  };
  return {
    name: 'workflows',
    needs: 'store',
    required: false,
    async check(call) {
      // New definitions are checked once. That may take longer than a probe, so it continues after the answer.
      checking ??= begin(call);
      const soon = await Promise.race([
        checking,
        delay(call.deadline - Date.now() - 500, undefined, { ref: false }),
      ]);
      if (!soon) {
        if (failed !== undefined) throw failed;
        return { state: 'starting', detail: 'new definitions are being checked' };
      }
      const { definitions, problems, running, waiting } = soon;
      const others = waiting > 0 ? `, ${waiting} waiting` : '';
      const detail = `${plural(definitions, 'definition')} that can be run, ${plural(running, 'run')} under way${others}`;
      if (problems.length === 0) return { state: 'up', detail };
      return {
        state: 'degraded',
        detail: `${detail}; ${plural(problems.length, 'definition')} that cannot`,
        action: `Fix ${problems.slice(0, 3).join('; ')}${problems.length > 3 ? `; and ${problems.length - 3} more (list_workflows names them)` : ''}`,
      };
    },
  };
}

/** Which settings files were read at the start, without their paths: clients see this. */
function settingsRead({ settingsFiles }: Parts): Probe {
  return {
    name: 'settings',
    required: false,
    async check() {
      const read = settingsFiles.filter(({ isRead }) => isRead).map(({ what }) => what);
      return { state: 'up', detail: read.length > 0 ? `from ${read.join(', then ')}` : 'no settings file' };
    },
  };
}

/** What is wrong with where the data directory is, without its path: clients see this. */
function place({ kind }: PlaceFault): Probe {
  const detail =
    kind === 'apart'
      ? 'it is in AppData, of which Windows shows a terminal and a packaged app different copies: they may have two libraries'
      : 'there is an earlier one, which is not used';
  return {
    name: 'data directory',
    required: false,
    async check() {
      return { state: 'degraded', detail, action: '`hydrogen doctor` says which it is and what to do.' };
    },
  };
}

/** One probe per part, in the order shown. */
export function createProbes(parts: Parts): Probe[] {
  return [
    store(parts),
    data(parts),
    ...parts.servers.map(server),
    search(parts),
    embeddings(parts),
    runs(parts),
    settingsRead(parts),
    ...(parts.place ? [place(parts.place)] : []),
  ];
}
