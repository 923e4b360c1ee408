import { expect, test } from 'vitest';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { bare, stdioClient } from '../support/process.ts';

const second = 1_000;

/** Asks until the answer is there; gives the time it took, ms. */
async function until(ask: () => Promise<boolean>, patience: number): Promise<number> {
  const began = Date.now();
  while (!(await ask())) {
    if (Date.now() - began > patience) throw new Error(`not within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return Date.now() - began;
}

test('what one server ingests, another on the same data directory finds within a second', async () => {
  const dataDir = await temporaryDirectory();
  const [writer, reader] = await Promise.all([
    stdioClient({ dataDir, enableIngest: 'true' }),
    stdioClient({ dataDir }),
  ]);
  // Both have their model loaded and their caches filled.
  await call(writer.client, 'add_document', { name: 'first', text: '# First\n\nA page about turbines.' });
  await until(
    async () => rowsOf(await call(reader.client, 'search', { query: 'turbines' })).length > 0,
    10_000,
  );

  await call(writer.client, 'add_document', {
    name: 'second',
    text: '# Second\n\nSalt domes keep gas below ground.',
  });
  await until(async () => {
    const rows = rowsOf(await call(reader.client, 'search', { query: 'salt domes', mode: 'keyword' }));
    return rows.some((row) => row['document'] === 'inline/second');
  }, second);
});

test('what one server removes, another finds no more', async () => {
  const dataDir = await temporaryDirectory();
  const [writer, reader] = await Promise.all([
    stdioClient({ ...bare, dataDir, enableIngest: 'true' }),
    stdioClient({ ...bare, dataDir }),
  ]);
  await call(writer.client, 'add_document', { name: 'page', text: '# Page\n\nA page about turbines.' });
  expect(rowsOf(await call(reader.client, 'search', { query: 'turbines' }))).toHaveLength(1);
  await call(writer.client, 'remove_document', { id: 'inline/page' });
  expect(summaryOf(await call(reader.client, 'search', { query: 'turbines' }))).toMatch(/No passage found/);
});
