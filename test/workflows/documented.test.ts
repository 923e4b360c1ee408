import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sampleCalls } from '../../scripts/sample-calls.ts';
import { executeTool } from '../../src/tools/common/execute.ts';
import { plainAnswer } from '../../src/tools/common/render.ts';
import { tools } from '../../src/tools/tools.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { root } from '../support/process.ts';
import { patientCall } from './support.ts';

const page = await readFile(join(root, 'docs/workflows.md'), 'utf8');
const [yaml = '', another = ''] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('the workflow of docs/workflows.md runs as it stands there', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'plants.yaml'), yaml);
  await mkdir(join(directory, 'docs'));
  await writeFile(join(directory, 'docs', 'north.md'), '# North\n\nHydrogen plants in Germany use wind.\n');
  const plants = [
    { name: 'North', country: 'Germany', mw: 10 },
    { name: 'South', country: 'Germany', mw: 20 },
    { name: 'Sea', country: 'Spain', mw: 90 },
  ];
  const app = await openedApp({ data: { plants }, settings: { workflowFolders: [directory] } });
  await app.library.ingest([join(directory, 'docs')], testCall());
  const request = { workflow: 'plants-of-a-country', input: { country: 'Germany' } };
  const { state, output, error } = await app.workflows.startAndWait(request, 30_000, patientCall());
  expect(error).toBeUndefined();
  expect(state).toBe('completed');
  expect(output).toEqual({
    plants: 2,
    largest: [
      { name: 'South', mw: 20 },
      { name: 'North', mw: 10 },
    ],
    passages: [{ document: 'docs/north.md', text: expect.stringContaining('use wind') }],
  });
}, 60_000);

test.each([
  ['Germany', { state: 'completed', output: { plants: ['North'], documents: ['docs/north.md'] } }],
  ['Norway', { state: 'faulted', error: { title: 'Nothing found', instance: '/do/2/nothing' } }],
])(
  'its example of branches and errors runs, too: %s',
  async (country, ended) => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'plants.yaml'), another);
    await mkdir(join(directory, 'docs'));
    await writeFile(join(directory, 'docs', 'north.md'), '# North\n\nHydrogen plants in Germany use wind.\n');
    const plants = [{ name: 'North', country: 'Germany', mw: 10 }];
    const app = await openedApp({ data: { plants }, settings: { workflowFolders: [directory] } });
    await app.library.ingest([join(directory, 'docs')], testCall());
    const request = { workflow: 'plants-and-passages', input: { country } };
    expect(await app.workflows.startAndWait(request, 30_000, patientCall())).toMatchObject(ended);
  },
  60_000,
);

test('what docs/workflows.md says that a call gives is what it gives', async () => {
  const named = new Map(
    [...page.matchAll(/^\| (`.+?`) +\| `(.+)` +\|$/gm)].flatMap(([, names = '', fields = '']) =>
      names.split(', ').map((name) => [name.replaceAll('`', ''), fields.split('`, `')] as const),
    ),
  );
  const technologies = [{ technology: 'Electrolysis', variable: 'CAPEX', value: 1 }];
  const app = await openedApp({ data: { technologies } });
  await app.library.ingest([join(root, 'samples/documents/salt-caverns.md')], testCall());
  // Without a model there are no similar documents; a run is another test's.
  const reading = tools.filter(
    ({ name, operation }) => operation === 'read' && !['similar_documents', 'get_run'].includes(name),
  );
  for (const tool of reading) {
    const args = sampleCalls.find((sample) => sample.tool === tool.name)?.args('');
    const given = Object.keys(plainAnswer(await executeTool(tool, args, app, testCall())));
    expect(named.get(tool.name), tool.name).toEqual(
      expect.arrayContaining(given.filter((key) => key !== 'links')),
    );
  }
}, 60_000);
