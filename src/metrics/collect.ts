import { type Call, within } from '../call.ts';
import type { Library } from '../library/types.ts';
import type { BackendState } from '../stores/backend.ts';
import type { Journal } from '../stores/journal/types.ts';
import type { ServerStatus, StoreStatus } from '../stores/store-status.ts';
import type { Instruments } from './instruments.ts';

/** What a server that is used has last shown of itself; asking it sends nothing. */
export interface KnownBackend {
  readonly name: string;
  state(): BackendState;
}

/** Where what is measured only when it is asked for comes from. */
export interface MetricSources {
  readonly store: StoreStatus;
  readonly library: Pick<Library, 'status'>;
  readonly journal: Pick<Journal, 'unfinished'>;
  readonly backends: readonly KnownBackend[];
  /** Every server, those of connections included: health asks them, too. */
  readonly servers: readonly Pick<ServerStatus, 'name' | 'ping'>[];
}

/** How long a part may take to say how much there is, ms: Prometheus gives up after ten seconds. */
const partMs = 2_000;
/** How long a server may take to answer, ms: one that is slower is as good as away. */
const pingMs = 1_500;

const states = ['unused', 'up', 'down'] as const satisfies readonly BackendState['state'][];

/** What is not known is no number: an old value would say that all is well. */
const unknown = Number.NaN;

/** A part of what is measured. */
interface Part {
  /** Leaves its gauges without a number. */
  forget(into: Instruments): void;
  collect(sources: MetricSources, into: Instruments, call: Call): Promise<void>;
}

const storePart: Part = {
  forget(into) {
    into.storeBytes.set(unknown);
    into.storeFreeBytes.set(unknown);
  },
  async collect({ store }, into, call) {
    const { bytes, freeBytes } = await store.statistics(call);
    into.storeBytes.set(bytes);
    into.storeFreeBytes.set(freeBytes);
  },
};

const libraryPart: Part = {
  forget(into) {
    for (const gauge of [into.documents, into.passages, into.backlog]) gauge.set(unknown);
  },
  async collect({ library }, into, call) {
    const { documents, chunks, embedded, unknown: leftOut } = await library.status(call);
    into.documents.set(documents);
    into.passages.set(chunks);
    into.backlog.set(Math.max(0, chunks - embedded - leftOut));
  },
};

const runsPart: Part = {
  forget(into) {
    for (const state of ['pending', 'suspended', 'running']) into.runs.set({ state }, unknown);
  },
  async collect({ journal }, into, call) {
    const { pending, suspended, leases } = await journal.unfinished(call);
    into.runs.set({ state: 'pending' }, pending);
    into.runs.set({ state: 'suspended' }, suspended);
    into.runs.set({ state: 'running' }, leases.length);
  },
};

/**
 * Asks the servers: where nobody calls, calls do not show that one is away, or back. Afterwards what calls have last seen
 * is as new.
 */
async function collectServers(
  { servers, backends }: MetricSources,
  into: Instruments,
  call: Call,
): Promise<void> {
  const asked = within(call, pingMs);
  await Promise.all(
    servers.map(async ({ name: backend, ping }) => {
      const isUp = await ping(asked).then(
        () => true,
        () => false,
      );
      if (!call.signal.aborted) into.backendUp.set({ backend }, isUp ? 1 : 0);
    }),
  );
  for (const { name: backend, state } of backends) {
    const now = state().state;
    for (const one of states) into.backends.set({ backend, state: one }, one === now ? 1 : 0);
  }
}

const parts: Readonly<Record<string, Part>> = { store: storePart, library: libraryPart, runs: runsPart };

/**
 * Brings the gauges up to date; a part that does not answer leaves its own unknown, and only then: two may ask at once.
 */
export async function collect(sources: MetricSources, into: Instruments, call: Call): Promise<void> {
  const limited = within(call, partMs);
  await Promise.all([
    collectServers(sources, into, call),
    ...Object.entries(parts).map(([name, part]) =>
      part.collect(sources, into, limited).catch((err: unknown) => {
        part.forget(into);
        call.log.debug({ err, part: name }, 'not measured');
      }),
    ),
  ]);
}
