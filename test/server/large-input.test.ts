import { expect, test } from 'vitest';
import { checkValue } from '../../src/workflows/definitions/checker.ts';
import { failure } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { clientOf, sharedApp } from '../support/connected.ts';

const data = { plants: [{ name: 'one' }] };
const app = sharedApp({ data });
const collection = 'plants';

test('of a list with many wrong items the first is named', async () => {
  const client = await clientOf(app());
  const pipeline = [{ $limit: 1 }, ...Array.from({ length: 900 }, () => 1)];
  expect(await failure(client, 'aggregate', { collection, pipeline })).toBe(
    'aggregate: argument "pipeline.1" must be an object.',
  );
});

test.each([
  [
    'aggregate',
    { collection, pipeline: Array.from({ length: 1_001 }, () => 1) },
    /"pipeline" must have at most 1,000 items/,
  ],
  [
    'export',
    { collection, fields: Array.from({ length: 1_001 }, () => '') },
    /"fields" must have at most 1,000 items/,
  ],
  ['export', { collection, fields: [] }, /"fields" must have at least 1 item\./],
  ['aggregate', { collection, pipeline: 'none' }, /"pipeline" must be a list, not text/],
  ['aggregate', { collection }, /"pipeline" is missing/],
])('what %s takes of a list is told', async (tool, args, says) => {
  const client = await clientOf(app());
  expect(await failure(client, tool, args)).toMatch(says);
});

test('an error does not repeat a name of megabytes', async () => {
  const client = await clientOf(app());
  const long = 'x'.repeat(1_000_000);
  for (const [tool, args] of [
    ['find', { collection, filter: { [`$${long}`]: 1 } }],
    ['find', { collection, [long]: 1 }],
    ['aggregate', { collection, pipeline: [{ [`$${long}`]: 1 }] }],
    ['get_run', { run_id: long }],
  ] as const) {
    expect((await failure(client, tool, args)).length).toBeLessThan(5_000);
  }
});

test('a document that exceeds the limit of an answer is refused, however large', async () => {
  const client = await clientOf(app());
  for (const to of [200_000, 6_000_000]) {
    const pipeline = [{ $project: { numbers: { $range: [0, to] } } }];
    expect(await failure(client, 'aggregate', { collection, pipeline })).toMatch(
      /^One document \(_id \{"\$oid":"\w+"\}\) exceeds the limit of an answer \([\d,]+ bytes\)\. Ask for fewer/,
    );
  }
});

test('a filter with as many values as a message holds is answered, with a hint', async () => {
  const client = await clientOf(app());
  const values = Array.from({ length: 100_000 }, (_, i) => `name ${i}`);
  const filter = { name: { $in: values }, other: 1 };
  const { content } = await client.callTool({ name: 'count', arguments: { collection, filter } });
  expect(content[0]).toMatchObject({ text: expect.stringContaining('"count":0') });
});

test('checking the input of a workflow ends with the call that asks for it', async () => {
  const call = testCall({ deadline: Date.now() + 1 });
  const job = { schema: { type: 'object' }, value: {}, what: 'the input' };
  await expect(checkValue(job, call)).rejects.toThrow(/took too long/);
});
