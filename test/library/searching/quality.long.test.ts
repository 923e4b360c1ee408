import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectionsFolder, measure } from '../../../scripts/eval-search.ts';

const collection = join(collectionsFolder, 'cookbook_docs');
const present = existsSync(collection);
const title = present
  ? 'search answers the questions about a set of documentation as well as was measured'
  : 'search quality (skipped: there is no judged collection in ../shared/eval/ir/cookbook_docs)';

// Measured with the packaged model: keyword .797, semantic .747, hybrid .827.
test.skipIf(!present)(title, { timeout: 120_000 }, async () => {
  const { modes } = await measure(collection);

  console.log(`quality on cookbook_docs: ${JSON.stringify(modes)}`);
  expect(modes.keyword.ndcg10).toBeGreaterThan(0.77);
  expect(modes.semantic.ndcg10).toBeGreaterThan(0.72);
  expect(modes.hybrid.ndcg10).toBeGreaterThan(0.81);
});
