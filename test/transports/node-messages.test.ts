import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { owner } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import type { Mailbox } from '../../src/stores/mailbox.ts';
import { nodeMessagesBy } from '../../src/transports/node-messages.ts';

/** Which of the answers of a client are left for other nodes. */
async function leftOf(answer: JSONRPCMessage): Promise<string[]> {
  const left: string[] = [];
  const mailbox: Mailbox = {
    put: async (key) => void left.push(key),
    take: async () => new Map(),
  };
  const nodes = nodeMessagesBy({ mailbox }, createLog('silent'));
  await nodes?.deliver({ kind: 'incoming', session: 's', caller: owner, message: answer });
  return left;
}

const answer = (id: string, text = ''): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: { text } });

test('an answer to a question of another node is left for it', async () => {
  expect(await leftOf(answer('aB3_-56789xy.12'))).toEqual(['aB3_-56789xy.12']);
});

test.each(['12', 'aB3_-56789xy.', 'aB3_-56789xy.1x', 'aB3_-56789xyz.1', 'a'.repeat(50)])(
  'an answer to what no node has asked is left for nobody: %s',
  async (id) => {
    expect(await leftOf(answer(id))).toEqual([]);
  },
);

test('an answer larger than any that is expected is left for nobody', async () => {
  expect(await leftOf(answer('aB3_-56789xy.12', 'x'.repeat(70_000)))).toEqual([]);
});
