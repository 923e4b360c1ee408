import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Logger } from '../observability/log.ts';
import type { Wait } from '../policy/limits.ts';
import { createRecentIds } from './recent-ids.ts';

/**
 * Limits requests of nobody known, by the address that they come from. Whoever has shown a good credential here before is
 * not held up by others behind the same address, such as that of a gateway.
 */
export interface Strangers {
  /** Asked before a credential is checked. @returns why the request has to wait, if it has */
  waitOf(address: string, headers: IncomingHttpHeaders): Wait | undefined;
  /** Counts a request whose credential was missing or wrong. */
  refused(address: string, headers: IncomingHttpHeaders): void;
  /** Remembers a good credential of a caller, as its digest. */
  known(callerId: string, headers: IncomingHttpHeaders): void;
}

export interface StrangersOptions {
  /** Refusals a minute from one address, before the next ones are refused unseen; it may change. */
  readonly perMinute: number;
  /** Hears of each request that has to wait. */
  readonly hit: () => void;
  readonly log: Logger;
  /** What is refused, for the log: `wrong credentials`. */
  readonly what: string;
  readonly windowMs?: number;
}

/** Addresses that are counted one by one; whoever has a network of many shares one count with others like it. */
const maxAddresses = 10_000;
const others = 'others';
/** How often credentials of one caller are remembered, ms: the digest of each request's would cost as much as to check it. */
const rememberEveryMs = 1_000;

/** The network of an address that one person has: of IPv6 it is a /64, whose addresses are free for the taking. */
export function networkOf(address: string): string {
  // To ask whether it is IPv6 is the costly part.
  if (!address.includes(':')) return address;
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return plain;
  const [, embedded] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain) ?? [];
  if (embedded !== undefined) return embedded;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const [before, after] = [groups(head), groups(tail ?? '')];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return `${all.slice(0, 4).join(':')}::/64`;
}

const digestOf = ({ authorization }: IncomingHttpHeaders): string | undefined =>
  authorization === undefined ? undefined : hash('sha256', authorization, 'base64');

export function createStrangers(options: StrangersOptions): Strangers {
  const { hit, log, what, windowMs = 60_000 } = options;
  let counts = new Map<string, number>();
  /** When all begin again, by the process's clock, ms. */
  let endsAt = 0;
  const good = createRecentIds();
  /** Those that were since they were last due. */
  const remembered = new Set<string>();
  let dueAt = 0;

  /** All counts begin anew together, so that what an attacker leaves is forgotten at once. */
  function current(): Map<string, number> {
    const now = performance.now();
    if (now >= endsAt) {
      counts = new Map();
      endsAt = now + windowMs;
    }
    return counts;
  }

  function keyOf(address: string): string {
    const network = networkOf(address);
    const now = current();
    return now.has(network) || now.size < maxAddresses ? network : others;
  }

  return {
    waitOf(address, headers) {
      if ((current().get(keyOf(address)) ?? 0) < options.perMinute) return undefined;
      const digest = digestOf(headers);
      if (digest !== undefined && good.has(digest)) return undefined;
      hit();
      const seconds = Math.max(1, Math.ceil((endsAt - performance.now()) / 1_000));
      const message = `Too many requests without a valid credential came from your address (setting limits.refusedPerMinute). Try again in ${seconds} s.`;
      return { message, seconds };
    },
    refused(address, headers) {
      // It is good no more: its key was revoked, or its time is over.
      const digest = digestOf(headers);
      if (digest !== undefined) good.remove(digest);
      const key = keyOf(address);
      const count = (current().get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count === options.perMinute) log.warn({ address: key }, `an address sends ${what}: it has to wait`);
    },
    known(callerId, headers) {
      const now = performance.now();
      if (now >= dueAt) {
        remembered.clear();
        dueAt = now + rememberEveryMs;
      }
      // Callers may have several. This part of it tells them apart, and nobody what they are.
      const one = `${callerId} ${headers.authorization?.slice(-8)}`;
      if (remembered.has(one)) return;
      remembered.add(one);
      const digest = digestOf(headers);
      if (digest !== undefined) good.add(digest);
    },
  };
}
