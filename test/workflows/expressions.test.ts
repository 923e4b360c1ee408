// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createEvaluator, type Variables } from '../../src/workflows/expressions/evaluator.ts';
import { parseExpression, type RuntimeExpression } from '../../src/workflows/expressions/expression.ts';
import { rest } from '../support/rest.ts';
import { definition, runToEnd, world } from './support.ts';

const never = new AbortController().signal;

function evaluatorFor(timeoutMs = 2_000) {
  const evaluator = createEvaluator(timeoutMs);
  onTestFinished(() => evaluator.close());
  return (
    expression: RuntimeExpression | string,
    data: unknown = null,
    variables: Variables = {},
    signal = never,
  ) =>
    evaluator
      .evaluate(
        [typeof expression === 'string' ? parseExpression(expression) : expression],
        data,
        variables,
        signal,
      )
      .then(
        ([value]) => ({ value }),
        (error: Error) => ({ error: error.message }),
      );
}

const data = {
  a: { b: [1, { c: null }], 'with space': true },
  list: [[0, 1], 'two', false],
  number: 4.5,
  text: 'hydrogen',
  nothing: null,
  no: false,
};

test('paths are read in JavaScript exactly as jq reads them', async () => {
  const evaluate = evaluatorFor();
  const sources = [
    '.', '.a', '.a.b', '.a.b[0]', '.a.b[1].c', '.a.b[1].c.d', '.a.b[-1]', '.a.b[-3]', '.a.b[7]', '.a["with space"]',
    '.["list"]', '.list[0][1]', '.list[1].x', '.list.x', '.missing', '.missing.deeper[3].x', '.nothing[0]', '.no',
    '.no.x', '.number.x', '.number[0]', '.text[0]', '.text.length', '.a[0]', '.constructor', '.a.toString',
    '.__proto__', '$x', '$x.a', '$x[1]', '$x["k"]', '$list[1]', 'null', 'true', '12', '-3.5', '"text"',
  ]; // biome-ignore format: one list
  const variables = { x: { a: 1, k: [2] }, list: [1, 2] };
  for (const source of sources) {
    const quick = parseExpression(source);
    expect(quick.kind, source).not.toBe('jq');
    const jq: RuntimeExpression = { kind: 'jq', source, variables: ['x', 'list'] };
    expect(await evaluate(quick, data, variables), source).toEqual(await evaluate(jq, data, variables));
  }
});

test('what is not a plain path is left to jq', async () => {
  for (const source of [
    '.a?',
    '.a[]',
    '.[0:2]',
    '."a"',
    '.a | .b',
    '.a + 1',
    '..',
    '$__loc__',
    '$ENV',
    '"\\(.a)"',
  ]) {
    expect(parseExpression(source).kind, source).toBe('jq');
  }
});

test('an expression must give one value', async () => {
  const evaluate = evaluatorFor();
  expect(await evaluate('.[]', [1, 2])).toMatchObject({
    error: expect.stringMatching(/more than one value; use first/),
  });
  expect(await evaluate('.[] | select(. > 5)', [1, 2])).toMatchObject({
    error: expect.stringMatching(/no value; use/),
  });
  expect(await evaluate('[.[] | select(. > 5)]', [1, 2])).toEqual({ value: [] });
});

test('an error names the expression and what jq says', async () => {
  const evaluate = evaluatorFor();
  expect(await evaluate('.a + 1', { a: 'x' })).toEqual({
    error: 'The expression `.a + 1` failed: string ("x") and number (1) cannot be added.',
  });
  expect(await evaluate('.a.b', { a: 1 })).toEqual({
    error: 'The expression `.a.b` failed: Cannot index number with string ("b").',
  });
});

describe('what reaches outside is hidden, also when no check has seen the program', () => {
  test.each([
    'env',
    '$ENV',
    'input',
    '[inputs]',
    'debug',
    'debug("x")',
    'stderr',
    'halt',
    'halt_error',
    'now',
    'input_filename',
  ])('%s', async (source) => {
    vi.stubEnv('HYDROGEN_TEST_SECRET', 'hunter2');
    const evaluate = evaluatorFor();
    const answer = await evaluate({ kind: 'jq', source, variables: ['ENV'] }, { a: 1 });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    if (source === '$ENV') expect(answer).toEqual({ value: null });
    else expect(answer).toMatchObject({ error: expect.stringMatching(/is not available/) });
  });

  test('the environment stays hidden behind other words', async () => {
    const evaluate = evaluatorFor();
    const source = '[builtins | length > 0, (try env catch "hidden"), ($ENV | type)]';
    expect(await evaluate({ kind: 'jq', source, variables: ['ENV'] })).toEqual({
      value: [true, 'hidden', 'null'],
    });
  });
});

test('an expression that never ends is stopped, the processor comes to rest, and the next one works', async () => {
  const evaluate = evaluatorFor(300);
  expect(await evaluate('last(repeat(1))')).toMatchObject({
    error: expect.stringMatching(/took longer than 0\.3 s/),
  });
  await rest();
  expect(await evaluate('1 + 1')).toEqual({ value: 2 });
});

test('a cancelled expression stops', async () => {
  const evaluate = evaluatorFor(60_000);
  const control = new AbortController();
  const answer = evaluate('last(repeat(1))', null, {}, control.signal);
  await setTimeout(300);
  control.abort();
  expect(await answer).toMatchObject({ error: 'The call was cancelled.' });
  await rest();
});

test('an expression that takes all memory fails alone', async () => {
  const evaluate = evaluatorFor(20_000);
  expect(await evaluate('[range(3e7)] | length')).toMatchObject({
    error: expect.stringMatching(/ran out of memory/),
  });
  expect(await evaluate('1 + 1')).toEqual({ value: 2 });
});

test('a result that is too large is refused with its size', async () => {
  const evaluate = evaluatorFor(20_000);
  expect(await evaluate('[range(1000000)]')).toMatchObject({
    error: expect.stringMatching(/has 6888\d+ characters \(max 4194304\)\. Select less\.$/),
  });
});

test('data of some megabytes passes through an expression in text of any language', async () => {
  const evaluate = evaluatorFor();
  const rows = Array.from({ length: 20_000 }, (_, n) => ({ n, name: `Wasserstoff für ${n} €, 氢` }));
  expect(await evaluate('map({ n, name })', rows)).toEqual({ value: rows });
});

test('data that is nested too deeply for jq is refused with the reason', async () => {
  const evaluate = evaluatorFor();
  let deep: unknown = 1;
  for (let i = 0; i < 300; i++) deep = [deep];
  expect(await evaluate('flatten', deep)).toMatchObject({
    error: expect.stringMatching(/nested too deeply/),
  });
});

test('a run with an expression that never ends faults with a timeout at its place', async () => {
  const one = await world({
    files: { 'w.yaml': definition('- a: { set: { ok: 1 } }\n- b: { set: { x: "${ last(repeat(1)) }" } }') },
    runs: { expressionMs: 300 },
  });
  const { state, error, steps } = await runToEnd(one);
  expect(state).toBe('faulted');
  expect(error).toEqual({
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout',
    status: 408,
    title: 'Timeout',
    detail: 'The expression `last(repeat(1))` took longer than 0.3 s and was stopped.',
    instance: '/do/1/b',
  });
  expect(steps.map((step) => step.state)).toEqual(['completed', 'faulted']);
});
