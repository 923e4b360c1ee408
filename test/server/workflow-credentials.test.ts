import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, failure, rowsOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { connected } from '../support/connected.ts';

const secret = 'xylophone';
const url = JSON.stringify(`https://someone:${secret}@example.org/?token=${secret}`);
const shown = 'https://…@example.org/?token=…';
const head = (name: string, more = ''): string =>
  `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0'${more} }\n`;

const files: Readonly<Record<string, string>> = {
  'name.yaml': `${head(url)}do: [{ a: { set: { b: 1 } } }]\n`,
  'problem.yaml': `${head('problem')}do: [{ ${url}: { set: { b: 1 }, then: ${url.replace('someone', 'other')} } }]\n`,
  'texts.yaml': `${head('texts', `, title: ${url}, summary: ${url}`)}
input: { schema: { document: { type: object, properties: { at: { type: string, description: ${url} } } } } }
do: [{ ${url}: { set: { b: 1 } } }]\n`,
};

test('passwords in the names and texts of a workflow are shown to nobody', async () => {
  const folder = await temporaryDirectory();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { client } = await connected({ settings: { workflowFolders: [folder] } });

  const listed = rowsOf(await call(client, 'list_workflows'));
  const run = await call(client, 'run_workflow', { workflow: 'texts' });
  const { run_id } = run.structuredContent as { run_id: string };
  const whole = await client.readResource({ uri: `hydrogen://runs/${run_id}` });
  const byName = await failure(client, 'run_workflow', { workflow: JSON.parse(url) });
  const health = await call(client, 'health');

  expect(listed).toMatchObject([
    { name: shown, problem: expect.any(String), file: 'name.yaml' },
    { name: 'problem', problem: expect.stringContaining(shown) },
    {
      name: 'texts',
      title: shown,
      description: shown,
      input: { properties: { at: { description: shown } } },
    },
  ]);
  expect(run.structuredContent).toMatchObject({ state: 'completed' });
  expect(JSON.stringify(whole)).toContain(shown);
  expect(byName).toContain(`There is no workflow "${shown}"`);
  expect(JSON.stringify([listed, run, whole, health])).not.toContain(secret);
});
