import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { type CommandResult, hydrogen, stdioClient } from '../support/process.ts';
import { type Machine, machine, noCompiler } from './crashing/machine.ts';

// Native code that does not fit the machine, as a library that ends the process that loads it.

/** Each with the commands in an order of its own, so that each of them is the first to meet the crash. */
const crashes = [
  ['SIGILL', 'illegal instruction', ['doctor', 'search', 'ingest', 'reindex']],
  ['SIGSEGV', 'segmentation fault', ['search', 'ingest', 'reindex', 'doctor']],
  ['SIGABRT', 'abort', ['ingest', 'reindex', 'doctor', 'search']],
] as const;

function run({ environment, dataDir }: Machine, ...args: readonly string[]): CommandResult {
  return hydrogen(args, { dataDir }, '', environment);
}

async function serve({ environment, dataDir }: Machine): Promise<Awaited<ReturnType<typeof stdioClient>>> {
  return await stdioClient({ dataDir }, '2025-11-25', [], environment);
}

type Client = Awaited<ReturnType<typeof serve>>['client'];

/** On a busy machine a part may at first say that it is busy. */
async function healthTells(client: Client, what: RegExp): Promise<void> {
  await vi.waitFor(
    async () => expect(JSON.stringify((await call(client, 'health')).structuredContent)).toMatch(what),
    { timeout: 20_000 },
  );
}

describe.skipIf(noCompiler !== undefined).each(crashes)(
  `native code that ends with %s${noCompiler ? ` (${noCompiler})` : ''}`,
  (signal, name, commands) => {
    const crashed = new RegExp(`crashed while it was being loaded: ${name} \\(${signal}\\)`);

    test('while it is loaded ends no command: each says so, and only the first tries', async () => {
      const here = await machine(signal);
      const codes = { doctor: 4, search: 0, ingest: 0, reindex: 4 };
      const args = { doctor: [], search: ['alarm'], ingest: [here.folder], reindex: [] };

      for (const command of commands) {
        const { code, out, err } = run(here, command, ...args[command]);

        expect(code, err).toBe(codes[command]);
        expect(command === 'doctor' ? out : err, command).toMatch(crashed);
        if (command === 'doctor') expect(out).toMatch(/npm install onnxruntime-node.*--try-again.*"none"/);
      }
      expect(await here.loads()).toBe(1);
      expect(run(here, 'search', 'alarm').out).toContain('A sensor at the ceiling');
    });

    test('a server goes on, answers by words and tells health; the next knows before anybody asked', async () => {
      const here = await machine(signal);
      expect(hydrogen(['ingest', here.folder], { dataDir: here.dataDir, embeddingModel: 'none' }).code).toBe(
        0,
      );
      const { client, close } = await serve(here);

      const answer = await call(client, 'search', { query: 'alarm' });

      expect(rowsOf(answer)).toHaveLength(1);
      expect(summaryOf(answer)).toMatch(crashed);
      await healthTells(client, crashed);
      await close();
      const next = await serve(here);
      await healthTells(next.client, crashed);
      expect(rowsOf(await call(next.client, 'search', { query: 'alarm' }))).toHaveLength(1);
      expect(await here.loads()).toBe(1);
    });

    test('a server whose native code crashes after it has worked goes on by words, and so does the next', async () => {
      const here = await machine(signal, true);
      expect(run(here, 'ingest', here.folder).code).toBe(0);
      const { client, close } = await serve(here);
      expect(summaryOf(await call(client, 'search', { query: 'alarm' }))).toContain('hybrid');
      await here.crashAfter(0);

      const answer = await call(client, 'search', { query: 'what warns of smoke' });

      const later = new RegExp(`crashed while it made vectors: ${name} \\(${signal}\\)`);
      expect(summaryOf(answer)).toMatch(later);
      expect(rowsOf(await call(client, 'search', { query: 'alarm' }))).toHaveLength(1);
      await healthTells(client, later);
      await close();
      const next = await serve(here);
      expect(summaryOf(await call(next.client, 'search', { query: 'alarm' }))).toMatch(later);
      expect(await here.loads()).toBe(1);
    });
  },
);

describe.skipIf(noCompiler !== undefined)('native code that crashes', () => {
  test('in the middle of an ingest leaves the words of all documents', async () => {
    const here = await machine('SIGSEGV', true);
    await here.crashAfter(1);

    const { code, err } = run(here, 'ingest', here.folder);

    expect(code).toBe(0);
    expect(err).toContain('crashed while it made vectors');
    expect(run(here, 'search', 'alarm').out).toContain('A sensor at the ceiling');
  });

  test('is tried again when a person says so, and then search by meaning is back', async () => {
    const here = await machine('SIGILL', true);
    await here.crashAfter(0);
    expect(run(here, 'doctor').code).toBe(4);
    await here.crashAfter(1_000);
    expect(run(here, 'doctor').code).toBe(4);

    expect(run(here, 'doctor', '--try-again').code).toBe(0);

    expect(run(here, 'doctor').code).toBe(0);
    expect(await here.loads()).toBe(1);
  });

  test('is tried again after a change of what is loaded', async () => {
    const here = await machine('SIGABRT');
    expect(run(here, 'doctor').code).toBe(4);

    const mended = hydrogen(['doctor'], { dataDir: here.dataDir });

    expect(mended.out).toMatch(/ok {3}embeddings/);
    expect(mended.code).toBe(0);
  });

  test('is written down in a file that names nothing of the machine', async () => {
    const here = await machine('SIGILL');
    run(here, 'doctor');

    const models = join(here.dataDir, 'models');
    const [file = '', ...others] = await readdir(models);
    const record = JSON.parse(await readFile(join(models, file), 'utf8'));

    expect(others).toEqual([]);
    expect(Object.keys(record)).toEqual(['reason', 'until']);
    expect(record.reason).not.toMatch(/\//);
  });
});
