import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { giveLargeTurn, takeLargeTurn } from '../../../../src/stores/embedded/engine/large-turn.ts';

const turnOf = (owner: number): Int32Array => {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  turn[0] = owner;
  return turn;
};

const never = (): void => {
  throw new Error('over');
};

test('the turn is taken once and kept by who has it', () => {
  const turn = turnOf(0);
  takeLargeTurn(turn, 5, never);
  takeLargeTurn(turn, 5, never);
  expect(turn[0]).toBe(5);
});

test('who waits for it ends with its call', () => {
  expect(() => takeLargeTurn(turnOf(3), 5, never)).toThrow('over');
});

test('only who has it can give it back', () => {
  const turn = turnOf(3);
  giveLargeTurn(turn, 5);
  expect(turn[0]).toBe(3);
  giveLargeTurn(turn, 3);
  expect(turn[0]).toBe(0);
});

test('a thread that waits takes it when it is given back', async () => {
  const turn = turnOf(3);
  const source = new URL('../../../../src/stores/embedded/engine/large-turn.ts', import.meta.url).href;
  const worker = new Worker(
    `const { parentPort, workerData: turn } = require('node:worker_threads');
     import(${JSON.stringify(source)}).then(({ takeLargeTurn }) => {
       parentPort.postMessage('waiting');
       takeLargeTurn(turn, 5, () => {});
       parentPort.postMessage('taken');
     });`,
    { eval: true, workerData: turn },
  );
  onTestFinished(async () => void (await worker.terminate()));
  const said: unknown[] = [];
  worker.on('message', (message) => said.push(message));
  await expect.poll(() => said, { timeout: 60_000 }).toEqual(['waiting']);
  giveLargeTurn(turn, 3);
  await expect.poll(() => said, { timeout: 60_000 }).toEqual(['waiting', 'taken']);
});
