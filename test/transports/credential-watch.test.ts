import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { type Caller, owner } from '../../src/call.ts';
import { createCredentialWatch } from '../../src/transports/credential-watch.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('while it cannot be found out who calls, a store that is slow is not asked ever more often', async () => {
  vi.useFakeTimers();
  let asked = 0;
  const authenticate = (): Promise<Caller> => {
    asked++;
    return new Promise(() => {});
  };
  const watch = createCredentialWatch({ authenticate, log: pino({ level: 'silent' }) });
  for (let i = 0; i < 5; i++) watch.add({}, owner, new EventEmitter() as ServerResponse);
  await vi.advanceTimersByTimeAsync(60_000);
  watch.close();
  expect(asked).toBe(1);
});
