import { expect, onTestFinished, test } from 'vitest';
import { createResourceWatch } from '../../src/protocol/watch.ts';
import { testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';

const soon = { timeout: 60_000 };

test('a change is told though the first look at it failed', async () => {
  const app = await openedApp({});
  // After a slow look the next one waits: the store is to be open.
  await app.library.list({ limit: 1 }, testCall());
  let isFailing = false;
  let mark = 'before';
  let failed = 0;
  const library: typeof app.library = {
    ...app.library,
    async list(request, call) {
      if (isFailing) {
        failed++;
        throw new Error('not now');
      }
      return app.library.list(request, call);
    },
  };
  let marks = 0;
  const changeMark = async (): Promise<string> => {
    marks++;
    return mark;
  };
  const watch = createResourceWatch({ ...app, library, changeMark });
  onTestFinished(() => watch.close());
  let told = 0;
  watch.follow({ listChanged: () => told++, updated() {} });
  // It is asked for at the start, before the first look and after it: what comes during the look would be told of.
  await expect.poll(() => marks, soon).toBeGreaterThanOrEqual(3);
  const before = told;

  isFailing = true;
  const { store } = app.connections.get();
  await store.put({ database: 'main', collection: 'plants' }, [{ _id: 1 }], { drop: false }, testCall());
  mark = 'after';
  await expect.poll(() => failed, soon).toBeGreaterThan(0);
  expect(told).toBe(before);

  isFailing = false;

  await expect.poll(() => told, soon).toBe(before + 1);
});

test('a change during the first look is told', async () => {
  const app = await openedApp({});
  await app.library.list({ limit: 1 }, testCall());
  let mark = 'before';
  let looks = 0;
  const library: typeof app.library = {
    ...app.library,
    async list(request, call) {
      // The document is in the list that is looked at first.
      if (looks++ === 0) {
        await app.library.add({ name: 'fern', text: 'A plant.', type: 'text', metadata: {} }, call);
        mark = 'after';
      }
      return app.library.list(request, call);
    },
  };
  const watch = createResourceWatch({ ...app, library, changeMark: async () => mark });
  onTestFinished(() => watch.close());
  let told = 0;
  watch.follow({ listChanged: () => told++, updated() {} });

  await expect.poll(() => told, soon).toBe(1);
});
