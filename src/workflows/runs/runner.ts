import { maxTimerMs } from '../../call-end.ts';
import { ownerName } from '../../process-identity.ts';
import type { Lease } from '../../stores/journal/types.ts';
import { executeRun, journalCall, type Parts } from './execute-run.ts';
import { findClaimable } from './recovery.ts';
import { stopError } from './stopping.ts';

/** Executes runs from the journal in this process: claims them, renews their leases, stops them. */
export interface Runner {
  /** Checks for runs to execute, now and periodically. */
  wake(): void;
  /** Checks now, in a process that executes runs: it may be quiet and not know of a run that another one left. */
  poll(): void;
  /** Checks now. @returns false where there are runs to execute that this process has no room for */
  takeUp(): Promise<boolean>;
  /** Stops the run if this process executes it. */
  cancel(id: string): void;
  /** Resolves at the next change of the run by this process, or after `milliseconds`. */
  changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Stops after the step that is being journaled, and releases the runs. */
  close(): Promise<void>;
}

interface Active {
  readonly lease: Lease;
  readonly control: AbortController;
  readonly done: Promise<void>;
}

export function createRunner(parts: Parts): Runner {
  const { journal, settings, log } = parts;
  const me = ownerName();
  const active = new Map<string, Active>();
  const watchers = new Map<string, Set<() => void>>();
  let heartbeat: NodeJS.Timeout | undefined;
  let searching: Promise<void> | undefined;
  let again = false;
  let idle = false;
  let searchedAt = 0;
  let wakeAt = Number.POSITIVE_INFINITY;
  let alarm: NodeJS.Timeout | undefined;
  let closed = false;

  function notify(id: string): void {
    for (const watcher of watchers.get(id) ?? []) watcher();
  }

  /** A later search sets it again, so that it may be too early. It is late where a machine sleeps; `beat` sees that. */
  function setAlarm(at: number | undefined): void {
    clearTimeout(alarm);
    wakeAt = at ?? Number.POSITIVE_INFINITY;
    if (at === undefined || closed) return;
    alarm = setTimeout(search, Math.min(Math.max(0, at - Date.now()), maxTimerMs)).unref();
  }

  async function claimRuns(): Promise<void> {
    while (!closed && active.size < settings.maxConcurrent) {
      const { any, exited, isIdle, wakeAt: next } = await findClaimable(journal, journalCall(log));
      idle = isIdle;
      setAlarm(next);
      searchedAt = Date.now();
      if (!any || closed) return;
      const claimed = await journal.claim({ owner: me, leaseMs: settings.leaseMs, exited }, journalCall(log));
      if (!claimed) return;
      const { id } = claimed.run;
      const control = new AbortController();
      // This process may have let its own lease expire: the earlier execution must not continue alongside.
      active.get(id)?.control.abort(stopError('run_taken'));
      if (claimed.crashes > 0) log.info({ run: id, crashes: claimed.crashes }, 'resuming an abandoned run');
      const done = executeRun(claimed, control, parts, () => notify(id)).then(() => {
        if (active.get(id)?.control === control) active.delete(id);
        if (!closed) search();
      });
      active.set(id, { lease: claimed.lease, control, done });
      if (closed) control.abort(stopError('server_ends'));
    }
  }

  function search(): void {
    if (searching) {
      again = true;
      return;
    }
    searching = claimRuns()
      .catch((error: unknown) => log.warn({ err: error }, 'searching for runs failed'))
      .finally(() => {
        searching = undefined;
        if (again && !closed) {
          again = false;
          search();
        }
      });
  }

  async function renew(): Promise<void> {
    // A run may be suspended and claimed anew before the answer, which is about these leases only.
    const renewing = new Map(active);
    if (renewing.size === 0) return;
    const leases = [...renewing.values()].map(({ lease }) => lease);
    for (const renewed of await journal.renew(leases, settings.leaseMs, journalCall(log))) {
      const control = renewing.get(renewed.run)?.control;
      if (!renewed.held) control?.abort(stopError('run_taken'));
      else if (renewed.cancelRequested) control?.abort(stopError('cancelled'));
    }
  }

  /**
   * First what this process has: where nobody could write for longer than a lease (a large store that is written anew), leases
   * of others have expired, too, and whoever takes their runs at once is before them.
   */
  async function beat(): Promise<void> {
    await renew();
    if (closed) return;
    const now = Date.now();
    if (!idle || now >= wakeAt || now - searchedAt >= settings.quietMs) search();
  }

  return {
    wake() {
      if (closed) return;
      heartbeat ??= setInterval(() => {
        beat().catch((error: unknown) => log.warn({ err: error }, 'leases could not be renewed'));
      }, settings.heartbeatMs).unref();
      search();
    },
    poll() {
      if (heartbeat !== undefined && !closed) search();
    },
    async takeUp() {
      if (closed) return false;
      search();
      while (searching) await searching;
      // It may have ended before it has taken what there is.
      if (closed) return false;
      if (active.size < settings.maxConcurrent) return true;
      return !(await findClaimable(journal, journalCall(log))).any;
    },
    cancel(id) {
      active.get(id)?.control.abort(stopError('cancelled'));
    },
    changed: (id, milliseconds, signal) =>
      new Promise((resolve) => {
        const listeners = watchers.get(id) ?? new Set();
        watchers.set(id, listeners);
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          listeners.delete(end);
          if (listeners.size === 0) watchers.delete(id);
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        listeners.add(end);
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      }),
    async close() {
      closed = true;
      clearInterval(heartbeat);
      clearTimeout(alarm);
      for (const { control } of active.values()) control.abort(stopError('server_ends'));
      await searching;
      await Promise.all([...active.values()].map(({ done }) => done));
    },
  };
}
