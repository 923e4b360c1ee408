import { setTimeout as delay } from 'node:timers/promises';
import type { Library } from './library/types.ts';
import type { Probe } from './observability/health.ts';
import type { DocumentStore } from './stores/documents/document-store.ts';
import type { StoreFile } from './stores/sqlite/store-file.ts';
import type { Workflows } from './workflows/types.ts';

interface Parts {
  readonly storeFile: StoreFile;
  readonly documents: DocumentStore;
  readonly library: Library;
  readonly workflows: Workflows;
}

/** How long the check of new definitions may take behind a probe, ms. */
const checkMs = 60_000;

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function store({ storeFile }: Parts): Probe {
  return {
    name: 'store',
    required: true,
    async check(call) {
      const { bytes, schemaVersion } = await storeFile.run('read', 'file.statistics', null, call);
      return { state: 'up', detail: `embedded SQLite file, ${megabytes(bytes)}, format ${schemaVersion}` };
    },
  };
}

function data({ documents }: Parts): Probe {
  return {
    name: 'documents',
    required: true,
    async check(call) {
      const databases = await documents.databases(call);
      const collections = databases.reduce((sum, database) => sum + database.collections, 0);
      const detail = `${collections} collections in ${databases.length} databases`;
      if (collections > 0) return { state: 'up', detail };
      return { state: 'up', detail: 'no data yet', action: 'Import some: hydrogen import COLLECTION FILE' };
    },
  };
}

function search({ library }: Parts): Probe {
  return {
    name: 'search',
    required: true,
    async check(call) {
      const { documents, chunks, embedded, mismatch } = await library.status(call);
      const detail = `${documents} documents, ${chunks} passages, ${embedded} with a vector`;
      if (mismatch !== undefined) return { state: 'degraded', detail, action: mismatch };
      if (documents === 0)
        return { state: 'up', detail: 'nothing ingested yet', action: 'Ingest some: hydrogen ingest PATH' };
      return { state: 'up', detail };
    },
  };
}

function embeddings({ library }: Parts): Probe {
  return {
    name: 'embeddings',
    required: false,
    async check(call) {
      const { model } = await library.status(call);
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
            ...(model.detail && { action: model.detail }),
          };
      }
    },
  };
}

function runs({ workflows }: Parts): Probe {
  return {
    name: 'workflows',
    required: false,
    async check(call) {
      // New definitions are checked once, which may take longer than a probe: it goes on behind it.
      const status = workflows.status({ ...call, deadline: Date.now() + checkMs });
      status.catch(() => {});
      const soon = await Promise.race([
        status,
        delay(call.deadline - Date.now() - 500, undefined, { ref: false }),
      ]);
      if (!soon) return { state: 'starting', detail: 'new definitions are being checked' };
      const { definitions, problems, running } = soon;
      const detail = `${definitions} definitions, ${running} runs under way`;
      if (problems === 0) return { state: 'up', detail };
      return {
        state: 'degraded',
        detail: `${detail}; ${problems} cannot be run`,
        action: 'See list_workflows.',
      };
    },
  };
}

/** One probe a part, in the order they are shown. */
export function createProbes(parts: Parts): Probe[] {
  return [store(parts), data(parts), search(parts), embeddings(parts), runs(parts)];
}
