import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedJournal, createEmbeddedVerdicts } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { createWorkflows } from '../../src/workflows/workflows.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { type Functions, functionsOf, patientCall } from './support.ts';

const passages = {
  rows: [
    {
      document: 'cost-of-hydrogen.md',
      lines: '3-9',
      title: 'Cost of hydrogen',
      score: 1,
      text: 'Prices fall.',
    },
  ],
  summary: 'one passage',
};
const figures = [
  {
    _id: { subtech: 'AEL', period: '2030', unit: 'EUR_2020' },
    lowest: 240,
    highest: 726,
    figures: 3,
    sources: ['V', 'H'],
  },
  {
    _id: { subtech: 'PEM', period: '2030', unit: 'EUR_2020' },
    lowest: 502,
    highest: 502,
    figures: 1,
    sources: ['H'],
  },
];

const answers: Functions = {
  aggregate: () => ({ rows: figures, summary: '' }),
  search: () => passages,
  count: () => ({ count: 3 }),
  distinct: () => ({ rows: ['Gas Turbine', 'Electrolysis'], summary: '' }),
};

async function samples(functions: Functions) {
  const storeFile = createEmbeddedStore(await temporaryDirectory(), 1);
  const workflows = createWorkflows({
    journal: createEmbeddedJournal(storeFile),
    verdicts: createEmbeddedVerdicts(storeFile),
    folders: [fileURLToPath(new URL('../../samples/workflows', import.meta.url))],
    functions: functionsOf(functions),
    log: createLog('silent'),
  });
  onTestFinished(async () => {
    await workflows.close();
    await storeFile.close();
  });
  return workflows;
}

async function outputOf(workflow: string, input: unknown, functions: Functions = answers): Promise<unknown> {
  const workflows = await samples(functions);
  const { id } = await workflows.start({ workflow, input }, patientCall());
  const { state, output, error } = await workflows.wait(id, 8_000, testCall());
  expect(error).toBeUndefined();
  expect(state).toBe('completed');
  return output;
}

test('all samples load, with a title, a summary and a described input', async () => {
  const entries = await (await samples(answers)).list(patientCall());
  expect(entries.map(({ name, problem }) => [name, problem])).toEqual([
    ['electrolyser-cost-brief', undefined],
    ['reading-list', undefined],
    ['technology-profile', undefined],
  ]);
  for (const { title, description, input } of entries) {
    expect(title).not.toBe('');
    expect(description.length).toBeGreaterThan(40);
    expect(input).toMatchObject({ type: 'object', additionalProperties: false });
  }
});

describe('the cost brief', () => {
  test('asks for the chosen types and joins figures and passages into a table', async () => {
    const asked: unknown[] = [];
    const aggregate = (args: unknown) => {
      asked.push(args);
      return { rows: figures, summary: '' };
    };
    const output = await outputOf(
      'electrolyser-cost-brief',
      { types: ['AEL', 'PEM'] },
      { ...answers, aggregate },
    );
    expect(asked).toMatchObject([
      { pipeline: [{ $match: { subtech: { $in: ['AEL', 'PEM'] }, reference_unit: 'kW' } }, {}, {}] },
    ]);
    expect(output).toEqual({
      title: 'Investment cost of electrolysers, per kW',
      columns: ['type', 'year', 'cost', 'unit', 'figures', 'sources'],
      rows: [
        {
          type: 'AEL',
          year: '2030',
          cost: '240 to 726',
          unit: 'EUR_2020 per kW',
          figures: 3,
          sources: 'H, V',
        },
        { type: 'PEM', year: '2030', cost: '502', unit: 'EUR_2020 per kW', figures: 1, sources: 'H' },
      ],
      passages: [{ cite: 'cost-of-hydrogen.md:3-9', title: 'Cost of hydrogen', text: 'Prices fall.' }],
    });
  });

  test('says so when there are no figures, and does not search', async () => {
    const search = () => Promise.reject(new Error('not to be called'));
    const output = await outputOf(
      'electrolyser-cost-brief',
      { types: ['SOEC'] },
      {
        ...answers,
        aggregate: () => ({ rows: [], summary: '' }),
        search,
      },
    );
    expect(output).toMatchObject({ title: 'There are no figures for SOEC per kW', rows: [] });
  });
});

test('the technology profile offers the technologies that there are', async () => {
  const output = await outputOf(
    'technology-profile',
    { technology: 'Perpetual Motion' },
    { ...answers, count: () => ({ count: 0 }) },
  );
  expect(output).toEqual({
    technology: 'Perpetual Motion',
    rows: [],
    known: ['Electrolysis', 'Gas Turbine'],
  });
});

test('the technology profile joins figures and passages', async () => {
  expect(await outputOf('technology-profile', {})).toMatchObject({
    technology: 'Steam Methane Reforming',
    rows: [{ subtech: 'AEL', lowest: 240, sources: ['H', 'V'] }, {}],
    passages: [{ cite: 'cost-of-hydrogen.md:3-9' }],
  });
});

test('the reading list answers each question and ranks the documents', async () => {
  expect(await outputOf('reading-list', { questions: ['a?', 'b?'] })).toMatchObject({
    answers: [{ question: 'a?', passages: [{ title: 'Cost of hydrogen' }] }, { question: 'b?' }],
    documents: [{ document: 'cost-of-hydrogen.md', passages: 2 }],
  });
});
