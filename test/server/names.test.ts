import { expect, test } from 'vitest';
import { failure } from '../support/answers.ts';
import { connected, eras } from '../support/connected.ts';

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
