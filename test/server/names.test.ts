import { describe, expect, test } from 'vitest';
import { failure } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { connected, eras } from '../support/connected.ts';
import { bare } from '../support/process.ts';
import { paramsOf, rawServer } from '../support/raw-server.ts';

/** What every object of JavaScript has. */
const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

const templateUri = 'hydrogen://collections/{database}/{collection}';

test.each(eras)('a name that every object has is unknown like any other in %s', async (era) => {
  const { client } = await connected({ era, data: { plants: [{ _id: 1 }] } });
  for (const name of inherited) {
    await expect(client.callTool({ name, arguments: {} }), name).rejects.toThrow(`Tool ${name} not found`);
    await expect(client.getPrompt({ name }), name).rejects.toThrow(`Prompt ${name} not found`);
    expect(await failure(client, 'find', { collection: name }), name).toContain(`no collection "${name}"`);
    expect(await failure(client, 'find', { collection: 'plants', connection: name }), name).toContain(
      `no connection "${name}"`,
    );
    expect(await failure(client, 'run_workflow', { workflow: name }), name).toContain(
      `no workflow "${name}"`,
    );
  }
});

test.each(eras)('a completion of what is not there is empty, or says so, in %s', async (era) => {
  const { client } = await connected({ era, data: { plants: [{ _id: 1 }] } });
  for (const name of inherited) {
    const argument = { name, value: '' };
    for (const ref of [
      { type: 'ref/resource', uri: templateUri } as const,
      { type: 'ref/prompt', name: 'brief' } as const,
    ]) {
      const { completion } = await client.complete({ ref, argument });
      expect(completion.values, `${ref.type} ${name}`).toEqual([]);
    }
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: templateUri },
      argument: { name: 'collection', value: '' },
      context: { arguments: { [name]: 'x' } },
    });
    expect(completion.values, name).toEqual(['plants']);
    await expect(client.complete({ ref: { type: 'ref/prompt', name }, argument }), name).rejects.toThrow(
      `Prompt ${name} not found`,
    );
    await expect(
      client.complete({ ref: { type: 'ref/resource', uri: name }, argument }),
      name,
    ).rejects.toThrow(`${name} not found`);
  }
});

describe.each(eras)('as an argument, in %s', (era) => {
  /** Whatever came over the wire: a client of the SDK would not send all of it. */
  async function asked() {
    const settings = {
      dataDir: await temporaryDirectory(),
      enableWrites: 'true',
      confirmWrites: 'never',
      ...bare,
    };
    const server = rawServer(settings, { era });
    return async (method: string, params: string): Promise<string> => {
      const rest = JSON.stringify(paramsOf(era)).slice(1, -1);
      const line = `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${[params, rest].filter(Boolean).join()}}}`;
      return JSON.stringify(await server.answersTo([line], 1));
    };
  }

  test('it is refused by name, of a tool and of a prompt', async () => {
    const ask = await asked();
    for (const name of inherited) {
      const tool = await ask('tools/call', `"name":"count","arguments":{"collection":"x","${name}":{"a":1}}`);
      expect(tool).toMatch(new RegExp(`nknown argument \\\\*"${name}`));
      const prompt = await ask('prompts/get', `"name":"brief","arguments":{"topic":"x","${name}":"y"}`);
      expect(prompt).toMatch(new RegExp(`nknown argument \\\\*"${name}`));
      expect(prompt).toContain('-32602');
    }
  });

  test('inside a document, a filter, an update or an input it is data', async () => {
    const ask = await asked();
    const call = (name: string, args: string): Promise<string> =>
      ask('tools/call', `"name":"${name}","arguments":{${args}}`);
    for (const name of inherited) {
      const document = `{"_id":"${name}","${name}":{"${name}":1},"list":[{"${name}":2}]}`;
      expect(await call('insert', `"collection":"names","documents":[${document}]`)).toContain('inserted');
      const found = await call('find', `"collection":"names","filter":{"${name}":{"${name}":1}}`);
      expect(JSON.parse(found)[0].result.content[1].text).toBe(document);
      expect(
        await call(
          'update',
          `"collection":"names","filter":{"_id":"${name}"},"update":{"$set":{"${name}":3}}`,
        ),
      ).toMatch(/changed.{0,4}:1/);
      expect(await call('find', `"collection":"names","filter":{"${name}":3}`)).toContain(`${name}\\":3`);
    }
  });
});
