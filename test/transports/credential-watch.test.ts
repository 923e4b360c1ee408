import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import { type Authenticate, cannotTell } from '../../src/policy/authentication.ts';
import { createCredentialWatch } from '../../src/transports/credential-watch.ts';

const caller: Caller = { id: 'key:1', scopes: ['read'] };

function watched(authenticate: Authenticate, graceMs = 600_000) {
  const watch = createCredentialWatch(
    { authenticate, log: createLog('silent') },
    { lookEveryMs: 10, graceMs },
  );
  onTestFinished(() => watch.close());
  return {
    /** A stream that was opened with this token. */
    open(token: string) {
      const response = Object.assign(new EventEmitter(), {
        destroyed: false,
        destroy() {
          response.destroyed = true;
          response.emit('close');
        },
      });
      watch.add({ authorization: `Bearer ${token}` }, caller, response as unknown as ServerResponse);
      return response;
    },
  };
}

test('a stream whose key was revoked ends, also while the issuer of another one does not answer', async () => {
  let asked = 0;
  const { open } = watched(async ({ authorization }) => {
    if (authorization !== 'Bearer slow') return { message: 'This API key was revoked.' };
    asked++;
    return new Promise(() => {});
  });
  const slow = open('slow');
  const other = open('slow');
  const revoked = open('revoked');
  await expect.poll(() => revoked.destroyed).toBe(true);
  expect([slow.destroyed, other.destroyed]).toEqual([false, false]);
  // One question is under way: a second one would not be answered earlier.
  expect(asked).toBe(1);
});

test('a stream goes on while it cannot be told who its caller is, but not for ever', async () => {
  let looks = 0;
  const authenticate: Authenticate = async () => {
    looks++;
    return cannotTell('Try again.');
  };
  const kept = watched(authenticate).open('token');
  await expect.poll(() => looks).toBeGreaterThan(3);
  expect(kept.destroyed).toBe(false);
  const ended = watched(authenticate, 50).open('token');
  await expect.poll(() => ended.destroyed).toBe(true);
});
