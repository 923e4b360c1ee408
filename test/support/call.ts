import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Call, owner } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';

/** A call by the owner that may take as long as a loaded machine needs. */
export function testCall(overrides: Partial<Call> = {}): Call {
  return {
    caller: owner,
    signal: new AbortController().signal,
    deadline: Date.now() + 25_000,
    progress() {},
    log: createLog('silent'),
    ...overrides,
  };
}

/** An empty folder that is gone after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
