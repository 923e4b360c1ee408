import type { Progress } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { summaryOf } from '../support/answers.ts';
import { clientOf, connected, eras, openedApp } from '../support/connected.ts';

const plants = Array.from({ length: 2_000 }, (_, i) => ({ _id: i, name: `plant ${i}` }));

/** Takes hours over these documents. */
const slow = {
  $expr: {
    $lt: [
      { $reduce: { input: { $range: [0, 30_000] }, initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
      0,
    ],
  },
};

test.each(eras)('a client of %s hears from a long scan how much it has looked at', async (era) => {
  const { client } = await connected({ data: { plants }, era });
  const leaving = new AbortController();
  const heard = Promise.withResolvers<Progress>();
  const found = client
    .callTool(
      { name: 'count', arguments: { collection: 'plants', filter: slow } },
      {
        signal: leaving.signal,
        onprogress(progress) {
          if (progress.message?.includes('entries looked at')) heard.resolve(progress);
        },
      },
    )
    .catch((error: Error) => error.message);
  expect((await heard.promise).progress).toBeGreaterThan(0);
  leaving.abort();
  await found;
});

test('while a person thinks about a change, the client hears that the call goes on', async () => {
  const app = await openedApp({ data: { plants }, settings: { enableWrites: true } });
  const client = await clientOf(app, { era: '2025-11-25', capabilities: { elicitation: {} } });
  const heard: Progress[] = [];
  const twice = Promise.withResolvers<void>();
  client.setRequestHandler('elicitation/create', async () => {
    await twice.promise;
    return { action: 'accept', content: { confirm: true } };
  });
  const answer = await client.callTool(
    { name: 'delete', arguments: { collection: 'plants', filter: { _id: 1 } } },
    {
      onprogress(progress) {
        heard.push(progress);
        if (heard.length === 2) twice.resolve();
      },
    },
  );
  expect(summaryOf(answer)).toMatch(/1/);
  const [first, second] = heard;
  expect(first?.message).toMatch(/^working \(\d+ s\)$/);
  expect(second?.progress).toBeGreaterThan(first?.progress ?? Number.POSITIVE_INFINITY);
});
