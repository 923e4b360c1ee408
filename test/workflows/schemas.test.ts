// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { describe, expect, test } from 'vitest';
import { run } from './support.ts';

const number = '{ schema: { document: { type: object, properties: { n: { type: number, default: 7 } } } } }';
const validation = {
  state: 'faulted',
  error: { type: 'https://serverlessworkflow.io/spec/1.0.0/errors/validation', status: 400 },
};

describe('a value that is not what the definition says faults the run at the task', () => {
  test.each([
    [
      'input of a task',
      `- a: { input: ${number}, set: { x: 1 } }`,
      'The input of the task is not valid: /n must be number.',
    ],
    [
      'output of a task',
      `- a: { set: { n: text }, output: ${number} }`,
      'The output of the task is not valid: /n must be number.',
    ],
    [
      'context',
      `- a: { set: { n: text }, export: { as: '\${ . }', schema: { document: { required: [m] } } } }`,
      "The context is not valid: the context must have required property 'm'.",
    ],
  ])('%s', async (_what, tasks, detail) => {
    expect(await run(tasks, { n: 'text' })).toMatchObject({
      ...validation,
      error: { ...validation.error, detail, instance: '/do/0/a' },
    });
  });

  test('output of the workflow', async () => {
    const ended = await run('- a: { set: { n: text } }', {}, {}, `output: ${number}`);
    expect(ended).toMatchObject(validation);
    expect(ended.error?.detail).toBe('The output of the workflow is not valid: /n must be number.');
  });

  test('a schema that is none', async () => {
    const ended = await run('- a: { set: { x: 1 }, output: { schema: { document: { type: nothing } } } }');
    expect(ended.error?.detail).toMatch(/^The schema of the output of the task cannot be used: /);
  });
});

test('the input is checked before it is filtered, the output after it was shaped', async () => {
  const tasks = `- a:
    input: { schema: { document: { required: [outer] } }, from: '\${ .outer }' }
    set: { shaped: '\${ .n }' }
    output: { as: '\${ .shaped }', schema: { document: { type: number } } }`;
  expect(await run(tasks, { outer: { n: 3 } })).toMatchObject({ state: 'completed', output: 3 });
});

test('what a value lacks has the default of its schema', async () => {
  const { output } = await run(`- a: { input: ${number}, set: '\${ . }' }`);
  expect(output).toEqual({ n: 7 });
});

test('an error of a schema can be caught', async () => {
  const { output } = await run(
    `- t: { try: [{ a: { set: { n: text }, output: ${number} } }], catch: { do: [{ b: { set: { is: '\${ $error.status }' } } }] } }`,
  );
  expect(output).toEqual({ is: 400 });
});
