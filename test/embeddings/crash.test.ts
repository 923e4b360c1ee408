import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { type CommandResult, hydrogen, stdioClient } from '../support/process.ts';
import { repetitions } from '../support/repetitions.ts';
import { type Machine, machine, noCompiler } from './crashing/machine.ts';

// Native code that does not fit the machine, as a library that ends the process that loads it.

const alarms = { name: 'alarms', text: 'A sensor at the ceiling raises the alarm.' };

type Crash = readonly [
  signal: 'SIGILL' | 'SIGSEGV' | 'SIGABRT',
  name: string,
  commands: readonly ('doctor' | 'search' | 'ingest')[],
];

/** Each with a command that is the first to meet the crash, and one that finds it written down. */
const crashes: Crash[] = [
  ['SIGILL', 'illegal instruction', ['doctor', 'search']],
  ['SIGSEGV', 'segmentation fault', ['search', 'ingest']],
  ['SIGABRT', 'abort', ['ingest', 'doctor']],
];

/** A loaded machine may take a part for busy: then it is asked again. */
function run(here: Machine, ...args: readonly string[]): CommandResult {
  for (let left = 3; ; left--) {
    const settings = { dataDir: here.dataDir, sampleWorkflows: 'false' };
    const result = hydrogen(args, settings, '', here.environment);
    if (left === 0 || !result.out.includes('busy: ')) return result;
  }
}

async function serve({ environment, dataDir }: Machine): Promise<Awaited<ReturnType<typeof stdioClient>>> {
  const settings = { dataDir, enableIngest: 'true', sampleWorkflows: 'false' };
  return await stdioClient(settings, '2025-11-25', [], environment);
}

type Client = Awaited<ReturnType<typeof serve>>['client'];

/** On a busy machine a part may at first say that it is busy. */
async function healthTells(client: Client, what: RegExp): Promise<void> {
  await vi.waitFor(
    async () => expect(JSON.stringify((await call(client, 'health')).structuredContent)).toMatch(what),
    { timeout: 60_000 },
  );
}

describe.skipIf(noCompiler !== undefined).each(repetitions(crashes.slice(0, 1), crashes))(
  `native code that ends with %s${noCompiler ? ` (${noCompiler})` : ''}`,
  (signal, name, commands) => {
    const crashed = new RegExp(`crashed while it was being loaded: ${name} \\(${signal}\\)`);

    test('while it is loaded ends no command: each says so, and only the first tries', async () => {
      const here = await machine(signal);
      const args = { doctor: [], search: ['alarm'], ingest: [here.folder] };

      for (const command of commands) {
        const { code, out, err } = run(here, command, ...args[command]);

        expect(code, err).toBe(command === 'doctor' ? 4 : 0);
        expect(command === 'doctor' ? out : err, command).toMatch(crashed);
        if (command === 'doctor') expect(out).toMatch(/npm install onnxruntime-node.*--try-again.*"none"/);
      }
      expect(await here.loads()).toBe(1);
    });
  },
  60_000,
);

describe.skipIf(noCompiler !== undefined).each(repetitions(crashes.slice(0, 1), crashes))(
  `native code below a server that ends with %s${noCompiler ? ` (${noCompiler})` : ''}`,
  (signal, name) => {
    const crashed = new RegExp(`crashed while it was being loaded: ${name} \\(${signal}\\)`);

    test('while it is loaded leaves a server that answers by words, and health tells', async () => {
      const { client } = await serve(await machine(signal));
      await call(client, 'add_document', alarms);

      const answer = await call(client, 'search', { query: 'alarm' });

      expect(rowsOf(answer)).toHaveLength(1);
      expect(summaryOf(answer)).toMatch(crashed);
      await healthTells(client, crashed);
    });

    test('after it has worked leaves a server that answers by words; the next knows and does not try', async () => {
      const here = await machine(signal, true);
      const { client, close } = await serve(here);
      await call(client, 'add_document', alarms);
      await vi.waitFor(
        async () => expect(summaryOf(await call(client, 'search', { query: 'alarm' }))).toContain('hybrid'),
        { timeout: 60_000 },
      );
      await here.crashAfter(0);

      const answer = await call(client, 'search', { query: 'alarm' });

      const later = new RegExp(`crashed while it made vectors: ${name} \\(${signal}\\)`);
      expect(summaryOf(answer)).toMatch(later);
      expect(rowsOf(answer)).toHaveLength(1);
      await close();
      const next = await serve(here);
      await healthTells(next.client, later);
      expect(rowsOf(await call(next.client, 'search', { query: 'alarm' }))).toHaveLength(1);
      expect(await here.loads()).toBe(1);
    });
  },
  60_000,
);

describe.skipIf(noCompiler !== undefined)(
  'native code that crashes',
  () => {
    test('in the middle of an ingest leaves the words of all documents; reindex says why it cannot', async () => {
      const here = await machine('SIGSEGV', true);
      await here.crashAfter(1);

      const ingested = run(here, 'ingest', here.folder);
      const reindexed = run(here, 'reindex');

      expect(ingested.code).toBe(0);
      expect(ingested.err).toContain('crashed while it made vectors');
      expect(ingested.out).toContain('1 document added');
      expect(reindexed.code).toBe(4);
      expect(reindexed.err).toContain('crashed while it made vectors');
    });

    test('is tried again when a person says so', async () => {
      const here = await machine('SIGILL', true);
      await here.crashAfter(0);
      run(here, 'doctor');
      await here.crashAfter(1_000);

      const { out } = run(here, 'doctor', '--try-again');

      expect(out).toMatch(/ok {3}embeddings/);
      expect(await readdir(join(here.dataDir, 'models'))).toEqual([]);
    });

    test('is tried again after a change of what is loaded; what is written down names nothing of the machine', async () => {
      const here = await machine('SIGABRT');
      run(here, 'doctor');
      const models = join(here.dataDir, 'models');
      const [file = '', ...others] = await readdir(models);
      const record = JSON.parse(await readFile(join(models, file), 'utf8'));

      const mended = hydrogen(['doctor'], { dataDir: here.dataDir, sampleWorkflows: 'false' });

      expect(mended.out).toMatch(/ok {3}embeddings/);
      expect(others).toEqual([]);
      expect(Object.keys(record)).toEqual(['reason', 'until']);
      expect(record.reason).not.toMatch(/\//);
    });
  },
  60_000,
);
