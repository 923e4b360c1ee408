import { expect, test } from 'vitest';
import { testCall } from '../../support/call.ts';
import { hostileFiles, makeHostile } from '../../support/files/hostile.ts';
import { folderOf, wordsOnly } from '../support.ts';

// The whole of it, with larger files and the memory of all processes: npm run hostile.

test('a folder of hostile files: each is named with its reason, the rest is found, and others are answered meanwhile', async () => {
  const library = await wordsOnly();
  const folder = await folderOf({}, 'hostile');
  const files = hostileFiles({ whole: false });
  makeHostile(folder, files);
  await library.ingest([await folderOf({ 'known.md': '# Known\n\nAn electrolyser.' })], testCall());

  let isOver = false;
  const ingest = library.ingest([folder], testCall({ deadline: Date.now() + 100_000 })).finally(() => {
    isOver = true;
  });
  let answered = 0;
  while (!isOver) {
    const { hits } = await library.search({ query: 'electrolyser', limit: 1, mode: 'keyword' }, testCall());
    if (!isOver && hits[0]?.document === 'docs/known.md') answered++;
  }
  const { skipped, notes } = await ingest;

  expect(answered).toBeGreaterThan(3);
  const reasonOf = new Map(skipped.map(({ path, reason }) => [path, reason]));
  for (const { path, shown = path, reason, remark, word } of files) {
    const id = `hostile/${shown}`;
    if (reason) expect.soft(reasonOf.get(id), id).toMatch(reason);
    else expect.soft(reasonOf.get(id), id).toBeUndefined();
    if (remark) expect.soft(notes.filter((note) => note.startsWith(`${id}: `)).join(), id).toMatch(remark);
    if (word === undefined) continue;
    const { hits } = await library.search({ query: word, within: id, limit: 1, mode: 'keyword' }, testCall());
    expect.soft(hits[0]?.document, `${id} by "${word}"`).toBe(id);
  }
}, 120_000);
