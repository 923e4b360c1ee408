import { expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { testCall } from '../support/call.ts';
import { connected, type Era, eras } from '../support/connected.ts';

const data = { plants: [{ _id: 1, name: 'oak' }] };
const settings = { auditKey: newAuditKey(), enableWrites: true } as const;
const drop = { name: 'delete', arguments: { collection: 'plants', filter: { name: 'oak' } } };
const capabilities = { elicitation: { form: {} } };

async function recordsOf(app: App): Promise<AuditRecord[]> {
  const entries = await app.audit.log.read(1, 1_000, testCall());
  return entries.map(({ text }) => JSON.parse(text) as AuditRecord);
}

/** A client whose user answers every question so. */
async function answering(era: Era, confirm: boolean) {
  const { app, client } = await connected({ settings, data, era, capabilities });
  client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { confirm } }));
  return { app, client };
}

test.each(eras)("with a client of %s, a person's yes stands in the record of the change", async (era) => {
  const { app, client } = await answering(era, true);
  await client.callTool(drop);
  const ended = (await recordsOf(app)).at(-1);
  expect(ended).toMatchObject({
    event: 'ended',
    outcome: 'ok',
    confirmation: { by: 'person', answer: 'yes' },
  });
});

test.each(eras)(
  "with a client of %s, a person's no stands in the record of what did not happen",
  async (era) => {
    const { app, client } = await answering(era, false);
    await client.callTool(drop);
    expect((await recordsOf(app)).at(-1)).toMatchObject({
      event: 'ended',
      outcome: 'not_allowed',
      confirmation: { by: 'person', answer: 'no' },
    });
  },
);

test('a call that ends with a question is recorded as asked', async () => {
  const { app, client } = await answering('2026-07-28', true);
  await client.callTool(drop);
  expect((await recordsOf(app)).map(({ event }) => event)).toEqual(['begun', 'asked', 'begun', 'ended']);
});

test("a model's token is told from a person's yes, and both calls have the same digest", async () => {
  const { app, client } = await connected({ settings: { ...settings, confirmBy: 'token' }, data });
  const asked = await client.callTool(drop);
  const token = /"confirmation": "([^"]+)"/.exec(JSON.stringify(asked.content).replaceAll('\\"', '"'))?.[1];
  await client.callTool({ ...drop, arguments: { ...drop.arguments, confirmation: token } });
  const records = await recordsOf(app);
  expect(records.map(({ event }) => event)).toEqual(['begun', 'asked', 'begun', 'ended']);
  expect(records.at(-1)).toMatchObject({ outcome: 'ok', confirmation: { by: 'token', answer: 'yes' } });
  expect(records[2]?.arguments?.digest).toBe(records[0]?.arguments?.digest);
  expect(JSON.stringify(records)).not.toContain(token);
});
