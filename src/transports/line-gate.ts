import type { Readable } from 'node:stream';
import { messageDeadline } from '../protocol/call.ts';
import { createAdmission, smallBytes } from './admission.ts';
import type { MessageId } from './messages.ts';
import { idAtTop } from './nesting.ts';

/** Lets large lines in one after another. Small ones pass; behind a second large one that waits, nothing is read. */
export interface LineGate {
  /** Hands the line on when there is room for it. */
  admit(line: Buffer, handle: (line: Buffer) => void): void;
  /** To be told of every id that is answered. */
  answered(id: MessageId | undefined): void;
  /** To be told of every id that is cancelled: it gets no answer. A line that waits is dropped. */
  cancelled(id: MessageId | undefined): void;
  /** Lets everything in from now on: who reads it refuses it. */
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
 * @param room bytes of all large lines under way
 * @param limitMs how long a call may take, its wait included
 */
export function createLineGate(lines: Readable, room: number, limitMs: number): LineGate {
  const admission = createAdmission(room);
  const under = new Map<MessageId, () => void>();
  const waiting = new Set<Waiting>();
  let isOpen = false;

  function begin(id: MessageId, leave: () => void): void {
    // A notification gets no answer.
    const timer = setTimeout(() => end(), id === null ? 0 : limitMs).unref();
    const end = (): void => {
      clearTimeout(timer);
      if (under.get(id) === end) under.delete(id);
      leave();
    };
    under.get(id)?.();
    under.set(id, end);
  }

  async function wait(id: MessageId, line: Buffer, handle: (line: Buffer) => void): Promise<void> {
    const arrived = Date.now();
    const entry: Waiting = { id, giveUp: new AbortController(), isCancelled: false };
    if (waiting.add(entry).size > 1) lines.pause();
    const leave = await admission.enter(line.length, limitMs, entry.giveUp.signal);
    waiting.delete(entry);
    if (entry.isCancelled) leave?.();
    else {
      if (leave) begin(id, leave);
      messageDeadline.run(arrived + limitMs, () => handle(line));
    }
    if (waiting.size <= 1) lines.resume();
  }

  return {
    get isIdle() {
      return waiting.size === 0;
    },
    admit(line, handle) {
      if (isOpen || line.length <= smallBytes) return handle(line);
      const id = idAtTop(line);
      const leave = admission.enterNow(line.length);
      if (!leave) return void wait(id, line, handle);
      begin(id, leave);
      handle(line);
    },
    answered: (id) => void (id !== undefined && under.get(id)?.()),
    cancelled(id) {
      if (id === undefined) return;
      under.get(id)?.();
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
