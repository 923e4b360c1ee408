import type { Readable } from 'node:stream';
import { messageDeadline } from '../protocol-call.ts';
import { createAdmission, smallBytes } from './admission.ts';
import type { MessageId } from './messages.ts';
import { idAtTop } from './nesting.ts';

/** Lets large lines in one after another; those behind one that waits wait too, and are not read yet. */
export interface LineGate {
  /** Hands the line on when there is room for it. */
  admit(line: Buffer, handle: (line: Buffer) => void): void;
  /** To be told of every id that is answered. */
  answered(id: MessageId | undefined): void;
}

/**
 * @param room bytes of all large lines under way
 * @param limitMs how long a call may take, its wait included
 */
export function createLineGate(lines: Readable, room: number, limitMs: number): LineGate {
  const admission = createAdmission(room);
  const under = new Map<MessageId, () => void>();

  function begin(line: Buffer, leave: () => void): void {
    if (line.length <= smallBytes) return;
    const id = idAtTop(line);
    // A notification gets no answer, and a call that is cancelled neither.
    const timer = setTimeout(() => end(), id === null ? 0 : limitMs).unref();
    const end = (): void => {
      clearTimeout(timer);
      if (under.get(id) === end) under.delete(id);
      leave();
    };
    under.get(id)?.();
    under.set(id, end);
  }

  return {
    admit(line, handle) {
      const arrived = Date.now();
      const leave = admission.enterNow(line.length);
      if (leave) {
        begin(line, leave);
        handle(line);
        return;
      }
      lines.pause();
      void admission.enter(line.length, limitMs).then((late) => {
        if (late) begin(line, late);
        messageDeadline.run(arrived + limitMs, () => handle(line));
        lines.resume();
      });
    },
    answered: (id) => void (id !== undefined && under.get(id)?.()),
  };
}
