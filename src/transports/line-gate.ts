import type { Readable } from 'node:stream';
import { messageDeadline } from '../protocol/call.ts';
import { createAdmission, maxSmallBytes } from './admission.ts';
import type { MessageId } from './messages.ts';
import { idAtTop } from './nesting.ts';

/** Admits large lines one after another. Small ones pass; reading pauses once two large ones are waiting. */
export interface LineGate {
  /** Passes the line on when there is room for it. */
  admit(line: Buffer, handle: (line: Buffer) => void): void;
  /** Must be called with every id that is answered. */
  answered(id: MessageId | undefined): void;
  /** Must be called with every cancelled id: it gets no answer, and a line that waits is dropped. */
  cancelled(id: MessageId | undefined): void;
  /** Admits everything from now on: the reader refuses it. */
  open(): void;
  /** Whether no line waits. */
  readonly isIdle: boolean;
}

interface Waiting {
  readonly id: MessageId;
  readonly giveUp: AbortController;
  isCancelled: boolean;
}

/**
 * @param capacityBytes total size of the large lines in progress
 * @param limitMs how long a call may take, its wait included
 */
export function createLineGate(lines: Readable, capacityBytes: number, limitMs: number): LineGate {
  const admission = createAdmission(capacityBytes);
  const active = new Map<MessageId, () => void>();
  const waiting = new Set<Waiting>();
  let isOpen = false;

  function track(id: MessageId, release: () => void): void {
    // A notification gets no answer.
    const timer = setTimeout(() => end(), id === null ? 0 : limitMs).unref();
    const end = (): void => {
      clearTimeout(timer);
      if (active.get(id) === end) active.delete(id);
      release();
    };
    active.get(id)?.();
    active.set(id, end);
  }

  async function wait(id: MessageId, line: Buffer, handle: (line: Buffer) => void): Promise<void> {
    const arrived = Date.now();
    const entry: Waiting = { id, giveUp: new AbortController(), isCancelled: false };
    if (waiting.add(entry).size > 1) lines.pause();
    const release = await admission.enter(line.length, limitMs, { signal: entry.giveUp.signal });
    waiting.delete(entry);
    if (entry.isCancelled) release?.();
    else {
      if (release) track(id, release);
      messageDeadline.run(arrived + limitMs, () => handle(line));
    }
    if (waiting.size <= 1) lines.resume();
  }

  return {
    get isIdle() {
      return waiting.size === 0;
    },
    admit(line, handle) {
      if (isOpen || line.length <= maxSmallBytes) return handle(line);
      const id = idAtTop(line);
      const release = admission.tryEnter(line.length);
      if (!release) return void wait(id, line, handle);
      track(id, release);
      handle(line);
    },
    answered: (id) => void (id !== undefined && active.get(id)?.()),
    cancelled(id) {
      if (id === undefined) return;
      active.get(id)?.();
      for (const entry of waiting) {
        if (entry.id !== id) continue;
        entry.isCancelled = true;
        entry.giveUp.abort();
      }
    },
    open() {
      isOpen = true;
      for (const { giveUp } of waiting) giveUp.abort();
    },
  };
}
