import type { Caller } from '../call.ts';

/** What of a session decides whether it gives way to another. */
interface Placed {
  readonly caller: Caller;
  /** Requests in progress. */
  readonly active: number;
  /** Streams on which its client listens. */
  readonly streams: number;
  /** When its last request ended, ms since the epoch. */
  readonly lastUsed: number;
}

/**
 * The session that gives way to one more of the caller: of whoever has most, the one idle longest, and those that only
 * listen last. Nobody's gives way to one of a caller that has as many: so a flood of sessions costs only its own.
 * @returns its id; undefined where every one has to stay
 */
export function idToPutAway(
  sessions: ReadonlyMap<string, Placed>,
  caller: Caller,
  isReserved: (id: string) => boolean,
): string | undefined {
  const held = new Map<string, number>();
  for (const { caller: one } of sessions.values()) held.set(one.id, (held.get(one.id) ?? 0) + 1);
  const heldBy = ({ id }: Caller): number => held.get(id) ?? 0;
  const [found] = [...sessions]
    .filter(([id, { active }]) => active === 0 && !isReserved(id))
    .filter(([, { caller: one }]) => one.id === caller.id || heldBy(one) > heldBy(caller))
    .sort(
      ([, a], [, b]) =>
        heldBy(b.caller) - heldBy(a.caller) || a.streams - b.streams || a.lastUsed - b.lastUsed,
    );
  return found?.[0];
}
