import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Call, type Caller, localCaller, owner } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLimits, type LimitSettings } from '../../src/policy/limits.ts';
import { createMemoryCounters } from '../../src/stores/limits/memory.ts';
import { testCall } from '../support/call.ts';

const ada: Caller = { id: 'ada', scopes: ['read', 'write'] };
const bob: Caller = { id: 'bob', scopes: ['read'] };
const read = { kind: 'tool', operation: 'read' } as const;
const write = { kind: 'tool', operation: 'write' } as const;

function limited(settings: LimitSettings, seconds = { minute: 60, hour: 3_600 }) {
  const hits: string[] = [];
  const limits = createLimits({
    settings,
    counters: createMemoryCounters({ seconds }),
    hit: (limit, operation) => hits.push(`${limit} ${operation}`),
  });
  const call = (
    caller: Caller,
    work: (call: Call) => Promise<unknown> = async () => 'done',
    request: { readonly kind: string; readonly operation: 'read' | 'write' } = read,
  ): Promise<unknown> => limits.middleware(request, { ...testCall(), caller }, work);
  return { limits, call, hits };
}

const refusal = async (work: Promise<unknown>): Promise<HydrogenError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HydrogenError)) throw new Error(`not refused: ${error}`);
  return error;
};

test('more calls a minute than are allowed are refused, with the setting and when to try again', async () => {
  const { call, hits } = limited({ read: { callsPerMinute: 2 } });
  await call(ada);
  await call(ada);
  const error = await refusal(call(ada));
  expect(error.code).toBe('too_many');
  expect(error.message).toMatch(/2 calls a minute .*limits\.read\.callsPerMinute.* try again in \d+ s/);
  expect(hits).toEqual(['callsPerMinute read']);
});

test('each caller has limits of its own, and so has each operation', async () => {
  const { call } = limited({ read: { callsPerMinute: 1 }, write: { callsPerMinute: 1 } });
  await call(ada);
  await refusal(call(ada));
  expect(await call(bob)).toBe('done');
  expect(await call(ada, undefined, write)).toBe('done');
});

test('when the window is over, a caller that was refused is served again', async () => {
  const { call } = limited({ read: { callsPerMinute: 1 } }, { minute: 1, hour: 1 });
  await call(ada);
  await refusal(call(ada));
  await delay(1_050);
  expect(await call(ada)).toBe('done');
});

test('calls at once beyond the limit are refused; one that ends makes room, also by failing', async () => {
  const { call } = limited({ read: { callsAtOnce: 1 } });
  const { promise, reject } = Promise.withResolvers<void>();
  const first = call(ada, () => promise);
  expect((await refusal(call(ada))).message).toMatch(/1 calls .*limits\.read\.callsAtOnce/);
  expect(await call(bob)).toBe('done');
  reject(new Error('failed'));
  await first.catch(() => {});
  expect(await call(ada)).toBe('done');
});

test('all callers together may have so many calls under way', async () => {
  const { call, limits } = limited({ callsInAll: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = call(ada, () => promise);
  expect((await refusal(call(bob))).message).toMatch(/limits\.callsInAll/);
  resolve();
  await first;
  expect(limits.underWay).toBe(0);
});

test('once its rows of the hour are used up, a caller is refused; the call that uses them up is answered', async () => {
  const { call } = limited({ read: { rowsPerHour: 10 } });
  const answer = { rows: Array.from({ length: 11 }) };
  expect(await call(ada, async () => answer)).toBe(answer);
  expect((await refusal(call(ada))).message).toMatch(/10 rows an hour .* try again in 60 minutes/);
  expect(await call(bob)).toBe('done');
});

test('rows that a call touched count where its answer holds none, also when it fails', async () => {
  const { call } = limited({ read: { rowsPerHour: 10 } });
  await call(ada, async ({ touched }) => {
    touched?.({ what: 'embedded/main/a', rows: 6 });
    touched?.({ what: 'embedded/main/b', rows: 4 });
    throw new Error('failed');
  }).catch(() => {});
  await refusal(call(ada));
});

test('whoever else keeps a record still hears what a call touches', async () => {
  const { limits } = limited({ read: { rowsPerHour: 10 } });
  const heard: unknown[] = [];
  const touched = { what: 'source:reports', rows: 1 };
  await limits.middleware(
    read,
    { ...testCall(), caller: ada, touched: (what) => heard.push(what) },
    async (call) => call.touched?.(touched),
  );
  expect(heard).toEqual([touched]);
});

test('once the bytes that were sent to it are used up, a caller is refused', async () => {
  const { call, limits } = limited({ read: { bytesPerHour: 100 } });
  limits.sent('read', ada, 99);
  expect(await call(ada)).toBe('done');
  limits.sent('read', ada, 1);
  expect((await refusal(call(ada))).message).toMatch(/100 bytes of answers an hour/);
});

test('without settings, the owner of this machine has no limits, and others have the usual ones', async () => {
  const { call } = limited({});
  const waiting = Promise.withResolvers<void>();
  const many = (caller: Caller) => Array.from({ length: 33 }, () => call(caller, () => waiting.promise));
  const [owners, others] = [many(owner), many(ada)];
  expect((await refusal(others.at(-1) ?? Promise.resolve())).code).toBe('too_many');
  waiting.resolve();
  expect(await Promise.all([...owners, ...others.slice(0, -1)])).toHaveLength(65);
});

test('the limits of a role hold instead of the general ones; of several roles the most generous', async () => {
  const { call } = limited({
    read: { callsPerMinute: 3, callsAtOnce: 5 },
    roles: { guest: { read: { callsPerMinute: 1 } }, analyst: { read: { callsPerMinute: 2 } } },
  });
  const guest = { ...ada, id: 'guest', roles: ['guest'] };
  const both = { ...ada, id: 'both', roles: ['guest', 'analyst'] };
  const other = { ...ada, id: 'other', roles: ['unknown', 'toString'] };
  await call(guest);
  expect((await refusal(call(guest))).message).toMatch(/your 1 calls/);
  await Promise.all([call(both), call(both)]);
  expect((await refusal(call(both))).message).toMatch(/your 2 calls/);
  await Promise.all([call(other), call(other), call(other)]);
  expect((await refusal(call(other))).message).toMatch(/your 3 calls/);
});

test('whoever is at this machine has no usual limits with a role, either', async () => {
  const { call } = limited({});
  const all = Array.from({ length: 40 }, () => call(localCaller('analyst')));
  expect(await Promise.all(all)).toHaveLength(40);
});

test('the owner is limited where the settings say so; a command never is', async () => {
  const { call } = limited({ read: { callsPerMinute: 1 } });
  await call(owner);
  await refusal(call(owner));
  expect(await call(owner, undefined, { kind: 'command', operation: 'read' })).toBe('done');
});

test('requests over HTTP are counted for each caller, whatever they ask', async () => {
  const { limits, hits } = limited({ requestsPerMinute: 1 });
  expect(await limits.request(ada)).toBeUndefined();
  expect(await limits.request(bob)).toBeUndefined();
  const wait = await limits.request(ada);
  expect(wait?.message).toMatch(/1 requests a minute .*limits\.requestsPerMinute/);
  expect(wait?.seconds).toBeGreaterThan(0);
  expect(hits).toEqual(['requestsPerMinute undefined']);
});
