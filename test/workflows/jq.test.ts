// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEvaluator } from '../../src/workflows/expressions/evaluator.ts';
import { parseExpression } from '../../src/workflows/expressions/expression.ts';
import { loadJq } from '../../src/workflows/expressions/jq.ts';
import { type JqInstance, startJqInstance } from '../../src/workflows/expressions/jq-instance.ts';
import { batchProgram } from '../../src/workflows/expressions/jq-program.ts';
import { temporaryDirectory } from '../support/call.ts';
import { hydrogen } from '../support/process.ts';
import { repetitions } from '../support/repetitions.ts';
import { definition } from './support.ts';

const nested = (levels: number): string => `reduce range(${levels}) as $i (0; [.])`;
const program = (source: string): string => batchProgram([source], []);

async function workflowFolder(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const directory = await temporaryDirectory();
  const folder = join(directory, 'workflows');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return { dataDir: join(directory, 'data'), workflowFolders: folder, sampleWorkflows: 'false' };
}

const items = repetitions(200, 900);

test(`a loop over ${items} items computes each of them`, async () => {
  const tasks = `- start: { set: { n: 0 } }\n- count: { for: { in: "\${ [range(${items})] }" }, do: [{ one: { set: { n: "\${ .n + 1 }" } } }] }`;
  const settings = await workflowFolder({ 'w.yaml': definition(tasks) });
  const { code, out } = hydrogen(['run', 'w'], settings);
  expect(JSON.parse(out)).toEqual({ n: items });
  expect(code).toBe(0);
}, 120_000);

test('120 definitions are checked in one go and can all be run', async () => {
  const long = `"${'x'.repeat(3_000)}"`;
  const files = Array.from({ length: 120 }, (_, n) => [
    `w${n}.yaml`,
    definition(`- a: { set: { n: '\${ .n + ${n} }', text: '\${ [${long}, .n] | length }' } }`).replace(
      'name: w,',
      `name: w${n},`,
    ),
  ]);
  const { code, out } = hydrogen(['workflows', '--json'], await workflowFolder(Object.fromEntries(files)));
  const entries = JSON.parse(out) as { readonly name: string; readonly problem?: string }[];
  expect(entries.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(entries.length).toBe(120);
  expect(code).toBe(0);
}, 120_000);

test('an instance that breaks costs a second attempt on a new one', async () => {
  let started = 0;
  const jq = await loadJq(async (): Promise<JqInstance> => {
    started++;
    if (started > 1) return startJqInstance();
    return { evaluate: () => ({ failure: 'broken' }), isSound: () => false };
  });
  expect((await jq(program('.x + 1'), '{"c":{"x":1},"v":{}}')).output).toBe('[{"v":[2]}]');
  expect((await jq(program('.x + 2'), '{"c":{"x":1},"v":{}}')).output).toBe('[{"v":[3]}]');
  expect(started).toBe(2);
});

test('one instance goes on with equal memory after what leaves something behind', async () => {
  const instance = await startJqInstance();
  const fresh = instance.evaluate(program('[.[] | tojson]'), '{"c":[1,{"a":2}],"v":{}}');
  for (let n = 0; n < 300; n++)
    instance.evaluate(program(`"${'x'.repeat(9_000)}" | error`), '{"c":null,"v":{}}');
  expect(instance.evaluate(program('[.[] | tojson]'), '{"c":[1,{"a":2}],"v":{}}')).toEqual(fresh);
  expect(instance.isSound()).toBe(true);
});

test.each([
  ['a value nested so deeply that writing it exceeds the stack', nested(5_000), /nested too deeply/],
  [
    'a value that exceeds the stack by little, which jq does not notice',
    `${nested(700)} | tojson | length`,
    /nested too deeply/,
  ],
  ['a program nested deeply', `${'['.repeat(1_200)}1${']'.repeat(1_200)}`, /nested too deeply/],
  ['a text of a gigabyte', '"a" * 1000000000', /ran out of memory/],
  ['a list without end', '[range(1e9)]', /ran out of memory/],
])(
  '%s fails alone',
  async (_what, source, problem) => {
    const evaluator = createEvaluator(60_000);
    onTestFinished(() => evaluator.close());
    const { signal } = new AbortController();
    const evaluate = (text: string) => evaluator.evaluate([parseExpression(text)], { n: 1 }, {}, signal);
    await expect(evaluate(source)).rejects.toThrow(problem);
    expect(await evaluate('.n + 1')).toEqual([2]);
  },
  60_000,
);
