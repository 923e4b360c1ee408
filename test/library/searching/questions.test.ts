import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evaluate } from '../../../src/library/searching/evaluate.ts';
import { testCall } from '../../support/call.ts';
import { openLibrary } from '../support.ts';

const samples = fileURLToPath(new URL('../../../samples/', import.meta.url));

function questions() {
  const lines = readFileSync(`${samples}eval/queries.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { query, expect: ids } = JSON.parse(line) as { query: string; expect: string[] };
    return { query, relevant: new Map(ids.map((id) => [id, 1])) };
  });
}

// Measured: keyword .40, semantic .82, hybrid .82 (.72 where the best by words weighed as much as any other best).
test('words do not drown the meaning of questions that are in other words than the text', async () => {
  const library = await openLibrary();
  await library.ingest([`${samples}documents`], testCall());

  const { ndcg10 } = await evaluate(library, questions(), 'hybrid', (document) => document, testCall());

  expect(ndcg10).toBeGreaterThan(0.78);
});
