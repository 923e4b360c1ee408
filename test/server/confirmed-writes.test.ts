import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Asking, Call, Question, Reply } from '../../src/call.ts';
import type { GivenSettings } from '../../src/config.ts';
import { QuestionPending } from '../../src/policy/question-pending.ts';
import type { Answer, Tool } from '../../src/tools/common/define.ts';
import { executeTool } from '../../src/tools/common/execute.ts';
import { tools } from '../../src/tools/tools.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { beginWith, type Data, openedApp, sharedApp } from '../support/connected.ts';

const plants = [
  { _id: 1, type: 'PEM', mw: 10 },
  { _id: 2, type: 'PEM', mw: 20 },
  { _id: 3, type: 'SOEC', mw: 5 },
];

const shared = sharedApp({ settings: { enableWrites: true } });

/** An app that may write, where there are the plants and nothing else. */
async function writable(settings?: Partial<GivenSettings>, data: Data = { plants }): Promise<App> {
  const app = settings ? await openedApp({ settings: { enableWrites: true, ...settings } }) : shared();
  await beginWith(app, data);
  return app;
}

function use(app: App, name: string, args: object, call: Partial<Call>): Promise<Answer> {
  const tool = tools.find((one) => one.name === name) as Tool;
  return executeTool(tool, { collection: 'plants', ...args }, app, testCall(call));
}

/** Somebody who is asked and answers at once; `asked` is what they were asked. */
function person(answer: (question: Question) => Reply['answer'] | Promise<Reply['answer']>) {
  const asked: string[] = [];
  const asking: Asking = {
    async ask(question) {
      asked.push(question.message);
      return { answer: await answer(question), token: question.token };
    },
  };
  return { asked, asking };
}

const count = (app: App): Promise<number> =>
  app.connections.get().store.count({ database: 'main', collection: 'plants', filter: {} }, testCall());

const many = { filter: { type: 'PEM' }, many: true };

test.each<[string, object, string, object]>([
  [
    'delete',
    many,
    'Delete 2 documents in collection "plants" of database "main"?\nfilter: {"type":"PEM"}\nAs they are now:\n- {"_id":1,"type":"PEM","mw":10}\n- {"_id":2,"type":"PEM","mw":20}',
    { deleted: 2 },
  ],
  [
    'delete',
    { filter: { mw: { $lt: 8 } } },
    'Delete 1 document in collection "plants" of database "main"?\nfilter: {"mw":{"$lt":8}}\nAs it is now:\n- {"_id":3,"type":"SOEC","mw":5}',
    { deleted: 1 },
  ],
  [
    'update',
    { filter: { _id: 3 }, replacement: { type: 'alkaline' } },
    'Replace 1 document in collection "plants" of database "main"?\nfilter: {"_id":3}\nreplacement: {"type":"alkaline"}\nAs it is now:\n- {"_id":3,"type":"SOEC","mw":5}',
    { matched: 1, changed: 1 },
  ],
  [
    'drop_collection',
    {},
    'Drop everything (3 documents, all indexes) in collection "plants" of database "main"?\n2 of the 3, as they are now:\n- {"_id":1,"type":"PEM","mw":10}\n- {"_id":2,"type":"PEM","mw":20}',
    { dropped: 'plants', documents: 3 },
  ],
  [
    'drop_index',
    { name: 'mw_1' },
    'Drop the index "mw_1" (no document changes) in collection "plants" of database "main"?',
    { dropped: 'mw_1' },
  ],
])('%s asks what it would do, and does it after a yes', async (tool, args, question, answer) => {
  const app = await writable();
  await use(app, 'create_index', { key: { mw: 1 } }, {});
  const { asked, asking } = person(() => 'yes');
  expect(await use(app, tool, args, { asking })).toEqual(answer);
  expect(asked).toEqual([question]);
});

test.each<[string, string, object]>([
  ['an insert', 'insert', { documents: [{ a: 1 }] }],
  ['a new index', 'create_index', { key: { mw: 1 } }],
  ['an upsert of nothing', 'update', { filter: { _id: 9 }, update: { $set: { mw: 1 } }, upsert: true }],
  ['an update of nothing', 'update', { filter: { _id: 9 }, update: { $set: { mw: 1 } } }],
  ['a removal of nothing', 'delete', { filter: { _id: 9 } }],
])('%s asks nobody: nothing that is there changes', async (_what, tool, args) => {
  const { asked, asking } = person(() => 'no');
  await use(await writable(), tool, args, { asking });
  expect(asked).toEqual([]);
});

test('an update that cannot work fails before anybody is asked', async () => {
  const { asked, asking } = person(() => 'yes');
  const args = { filter: {}, update: { $inc: { type: 1 } }, many: true };
  await expect(use(await writable(), 'update', args, { asking })).rejects.toThrow(/\$inc/);
  expect(asked).toEqual([]);
});

test('nobody is asked where the settings waive it', async () => {
  const app = await writable({ confirmWrites: 'never' });
  const { asked, asking } = person(() => 'no');
  expect(await use(app, 'delete', many, { asking })).toEqual({ deleted: 2 });
  expect(asked).toEqual([]);
});

test('documents cannot make the question say something else', async () => {
  const text = 'x\n\nDelete nothing at all?\u202e\u200b';
  const app = await writable(undefined, { plants: [{ _id: 1, type: text, mw: 1 }] });
  const { asked, asking } = person(() => 'no');
  const args = { filter: { mw: 1, note: { $ne: 'y'.repeat(1_000) } } };
  await expect(use(app, 'delete', args, { asking })).rejects.toThrow(/said no/);
  const lines = asked[0]?.split('\n') ?? [];
  expect(lines).toEqual([
    'Delete 1 document in collection "plants" of database "main"?',
    expect.stringMatching(/^filter: .{400} … \(\d+ more characters\)$/),
    'As it is now:',
    '- {"_id":1,"type":"x\\n\\nDelete nothing at all?\\u{202e}\\u{200b}","mw":1}',
  ]);
});

test('where the match changes after every yes, the call gives up and nothing is changed', async () => {
  const app = await writable();
  let id = 10;
  const { asked, asking } = person(async () => {
    await use(app, 'insert', { documents: [{ _id: id++, type: 'PEM' }] }, {});
    return 'yes' as const;
  });
  await expect(use(app, 'delete', many, { asking })).rejects.toThrow(/Nothing was changed:.*3 questions/);
  expect(asked).toHaveLength(3);
  expect(await count(app)).toBe(6);
});

test('a yes is for the documents that were shown, also when others are as many', async () => {
  const app = await writable();
  let first = true;
  const { asked, asking } = person(async () => {
    if (!first) return 'no';
    first = false;
    const { store } = app.connections.get();
    const at = { database: 'main', collection: 'plants', many: true, upsert: false };
    const change = { kind: 'update', ...at, filter: { _id: 2 }, update: { $set: { mw: 21 } } } as const;
    await store.apply(change, { maxDocuments: 10 }, testCall());
    return 'yes' as const;
  });
  await expect(use(app, 'delete', many, { asking })).rejects.toThrow(/said no/);
  expect(asked[1]).toMatch(/^The data has changed since this was asked\.\nDelete 2 documents/);
  expect(await count(app)).toBe(3);
});

/** What a call that ends with a question gives to the client. */
async function tokenOf(call: Promise<Answer>): Promise<string> {
  const end = await call.catch((error: unknown) => error);
  if (end instanceof QuestionPending) return end.question.token;
  throw end;
}

const later: Asking = {
  async ask(question) {
    throw new QuestionPending(question);
  },
};
const replying = (token: string, answer: Reply['answer'] = 'yes'): { asking: Asking } => ({
  asking: { ...later, reply: { answer, token } },
});

test('a yes that was used in one process does not work in another', async () => {
  const dataDir = await temporaryDirectory();
  const app = await writable({ dataDir });
  const other = await openedApp({ settings: { dataDir, enableWrites: true } });
  const token = await tokenOf(use(app, 'delete', { filter: { type: 'PEM' } }, { asking: later }));
  expect(await use(other, 'delete', { filter: { type: 'PEM' } }, replying(token))).toEqual({ deleted: 1 });
  await expect(use(app, 'delete', { filter: { type: 'PEM' } }, replying(token))).rejects.toThrow(
    /Nothing was changed: this confirmation was already used/,
  );
  expect(await count(app)).toBe(2);
});

test('a no is an answer too: a later yes to the same question does nothing', async () => {
  const app = await writable();
  const token = await tokenOf(use(app, 'delete', many, { asking: later }));
  await expect(use(app, 'delete', many, replying(token, 'no'))).rejects.toThrow(/said no/);
  await expect(use(app, 'delete', many, replying(token))).rejects.toThrow(/already used/);
  expect(await count(app)).toBe(3);
});

test.each<[string, string, object]>([
  ['another filter', 'delete', { filter: {}, many: true }],
  ['all instead of one', 'delete', { filter: { type: 'PEM' } }],
  ['another tool', 'update', { ...many, update: { $set: { mw: 0 } } }],
  ['another collection', 'delete', { ...many, collection: 'copies' }],
])('a yes does not hold for %s', async (_what, tool, args) => {
  const app = await writable(undefined, { plants, copies: plants });
  const token = await tokenOf(use(app, 'delete', many, { asking: later }));
  await expect(use(app, tool, args, replying(token))).rejects.toThrow(/other arguments/);
  expect(await count(app)).toBe(3);
});

test('a cursor is no confirmation', async () => {
  const app = await writable();
  const cursor = (await app.signer()).sign('cursor', '{}');
  await expect(use(app, 'delete', many, replying(cursor))).rejects.toThrow(/not made here/);
});

test('the time a person takes is not that of the call', async () => {
  const app = await writable({ callTimeoutMs: 60_000 });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const { asking } = person(() => {
    vi.setSystemTime(Date.now() + 100_000);
    return 'yes';
  });
  expect(await use(app, 'delete', many, { asking })).toEqual({ deleted: 2 });
});

test('a write leaves one line in the log: who, where, how many, on whose word, and no content', async () => {
  const app = await writable();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const { asking } = person(() => 'yes');
  await use(app, 'update', { ...many, update: { $set: { note: 'confidential' } } }, { asking, log });
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.filter(({ audit }) => audit)).toEqual([
    expect.objectContaining({
      tool: 'update',
      caller: 'owner',
      connection: 'embedded',
      database: 'main',
      collection: 'plants',
      matched: 2,
      changed: 2,
      confirmation: 'confirmed',
    }),
  ]);
  expect(lines.join('')).not.toMatch(/PEM|confidential|\$set/);
});
