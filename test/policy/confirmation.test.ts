import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Call } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createConfirmations } from '../../src/policy/confirmation.ts';
import { drifted } from '../../src/policy/drift.ts';
import { createSigner } from '../../src/policy/signing.ts';
import { testCall } from '../support/call.ts';

const signer = createSigner([{ id: 'k', secret: randomBytes(32) }]);
const used = new Set<string>();
const confirmations = createConfirmations({
  signer: async () => signer,
  spent: { use: async (nonce) => !used.has(nonce) && used.add(nonce) !== undefined },
  waitMs: 1_000,
});

/** A person who says yes to everything, and how often they were asked. */
function agreeable(): { call: Call; questions: string[] } {
  const questions: string[] = [];
  const call = testCall({
    asking: {
      async ask({ message, token }) {
        questions.push(message);
        return { token, answer: 'yes' };
      },
    },
  });
  return { call, questions };
}

/** A change whose state is different at every preview. */
function changing(onApply: () => unknown) {
  let previews = 0;
  return {
    request: ['update'],
    preview: async () => ({ needsConfirmation: true, message: 'Update?', state: String(previews++) }),
    apply: async () => onApply(),
  };
}

test('a change that failed in the middle is not asked about again, although what it is about has changed', async () => {
  const { call, questions } = agreeable();
  const conflict = new HydrogenError(
    'conflict',
    'E11000 duplicate key. Some may have been changed before it.',
  );
  let state = 'before';
  const proposal = {
    request: ['update'],
    preview: async () => ({ needsConfirmation: true, message: 'Update?', state }),
    apply: async () => {
      state = 'partly';
      throw conflict;
    },
  };
  await expect(confirmations.confirmed(proposal, call)).rejects.toBe(conflict);
  expect(questions).toHaveLength(1);
});

test('a change that was refused because its documents changed is asked about again', async () => {
  const { call, questions } = agreeable();
  let state = 'before';
  const proposal = {
    request: ['update'],
    preview: async () => ({ needsConfirmation: true, message: 'Update?', state }),
    apply: async (agreed: string) => {
      if (agreed === 'after') return 'made';
      state = 'after';
      throw drifted();
    },
  };
  expect(await confirmations.confirmed(proposal, call)).toBe('made');
  expect(questions).toEqual(['Update?', 'The data has changed since this was asked.\nUpdate?']);
});

test('the token tells no digest of the data, by which its values could be guessed', async () => {
  let token = '';
  const asking = {
    async ask(question: { token: string }) {
      token = question.token;
      return { token, answer: 'no' as const };
    },
  };
  const proposal = {
    request: ['update'],
    preview: async () => ({ needsConfirmation: true, message: 'Update?', state: 'digest-of-the-data' }),
    apply: async () => 'made',
  };
  await expect(confirmations.confirmed(proposal, testCall({ asking }))).rejects.toThrow(/said no/);
  const body = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  expect(body).toContain('"request":');
  expect(body).not.toContain('digest-of-the-data');
  expect(body).not.toContain(Buffer.from('digest-of-the-data').toString('base64url'));
});

test('what changes at every look is not made, however often the person agrees', async () => {
  const { call, questions } = agreeable();
  let made = 0;
  await expect(
    confirmations.confirmed(
      changing(() => made++),
      call,
    ),
  ).rejects.toMatchObject({ code: 'conflict' });
  expect(questions).toHaveLength(3);
  expect(made).toBe(0);
});

test('a yes to null is none to a number that JSON writes as null', async () => {
  const { call, questions } = agreeable();
  const about = (value: number | null) => ({
    request: ['update', { $set: { n: value } }],
    preview: async () => ({ needsConfirmation: true, message: 'Update?', state: 'same' }),
    apply: async () => 'made',
  });
  let token = '';
  const asking = {
    async ask(question: { token: string }) {
      token = question.token;
      return { token, answer: 'no' as const };
    },
  };
  await expect(confirmations.confirmed(about(null), { ...call, asking })).rejects.toThrow(/said no/);
  const reply = { token, answer: 'yes' as const };
  const replayed = { ...call, asking: { ...asking, reply } };
  // JSON.parse('1e400')
  await expect(confirmations.confirmed(about(Number.POSITIVE_INFINITY), replayed)).rejects.toThrow(
    /to other arguments/,
  );
  expect(questions).toEqual([]);
});
