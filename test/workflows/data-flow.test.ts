// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { expect, test } from 'vitest';
import { run } from './support.ts';

test('the order of keys in a set is kept, since it means something to a query', async () => {
  const { output } = await run('- a: { set: { z: 1, a: "${ .x + 1 }", m: "${ .x }" } }', { x: 1 });
  expect(JSON.stringify(output)).toBe('{"z":1,"a":2,"m":1}');
});

test('input.from, output.as and export.as carry data from task to task', async () => {
  const { output } = await run(
    `
- first:
    input: { from: .order }
    set: { total: '\${ .price * .count }', who: '\${ $input.who }' }
    output: { as: '{ total, twice: (.total * 2) }' }
    export: { as: '$context + { seen: .total }' }
- second:
    set: { total: '\${ .total }', seen: '\${ $context.seen }', name: '\${ $task.name }', of: '\${ $workflow.input.order.who }' }
`,
    { order: { price: 3, count: 4, who: 'Ada' } },
  );
  expect(output).toEqual({ total: 12, seen: 12, name: 'second', of: 'Ada' });
});

test('the filters of the workflow are applied first and last', async () => {
  const { output } = await run(
    '- a: { set: { value: "${ . }" } }',
    { deep: { value: 7 } },
    {},
    'input: { from: .deep.value }\noutput: { as: { result: "${ .value }" } }',
  );
  expect(output).toEqual({ result: 7 });
});

test('a task whose condition does not hold is skipped and passes its input on', async () => {
  const { output, steps } = await run(
    '- adult: { if: .age >= 18, set: { adult: true }, then: end }\n- child: { set: { age: "${ .age }", adult: false } }',
    { age: 9 },
  );
  expect(output).toEqual({ age: 9, adult: false });
  expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual(['adult skipped', 'child completed']);
});

test('a "then" may lead back, and each visit is a step of its own', async () => {
  const { output, steps } = await run(
    `
- count: { set: { n: '\${ .n + 1 }' } }
- enough:
    switch:
      - yes: { when: .n >= 3, then: end }
      - no: { then: count }
`,
    { n: 0 },
  );
  expect(output).toEqual({ n: 3 });
  expect(steps.map(({ reference }) => reference)).toEqual([
    '/do/0/count',
    '/do/1/enough',
    '/do/0/count#2',
    '/do/1/enough#2',
    '/do/0/count#3',
    '/do/1/enough#3',
  ]);
});

test('"exit" leaves the list of tasks, "end" the workflow', async () => {
  const tasks = (then: string) => `
- group:
    do:
      - a: { set: { at: a }, then: ${then} }
      - b: { set: { at: b } }
- after: { set: { at: after, before: '\${ .at }' } }
`;
  expect((await run(tasks('exit'))).output).toEqual({ at: 'after', before: 'a' });
  expect((await run(tasks('end'))).output).toEqual({ at: 'a' });
});

test('a loop names its item and index, nests, and stops when its condition fails', async () => {
  const { output, steps } = await run(
    `
- rows:
    for: { each: row, in: .rows, at: r }
    while: ($r < 2)
    do:
      - cells:
          for: { each: cell, in: $row }
          do:
            - add: { set: { rows: '\${ .rows }', seen: '\${ .seen + ["\\($r).\\($index)=\\($cell)"] }' } }
`,
    { rows: [['a', 'b'], ['c'], ['d']] },
  );
  expect((output as { seen: unknown }).seen).toEqual(['0.0=a', '0.1=b', '1.0=c']);
  expect(steps.map(({ reference }) => reference)).toContain('/do/0/rows/for[0]/do/0/cells/for[1]/do/0/add');
});

test('a loop over what is not a list faults with its place', async () => {
  const { error } = await run('- each: { for: { in: .rows }, do: [{ a: { set: { a: 1 } } }] }', { rows: 3 });
  expect(error).toMatchObject({
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/expression',
    status: 400,
    instance: '/do/0/each',
    detail: expect.stringMatching(/must be a list; `\.rows` is number/),
  });
});

test('in loose mode a string is an expression where it can be one, and text where not', async () => {
  const { output } = await run(
    '- a: { set: { sum: .x + 1, text: hello world, plain: "${ .x }" } }',
    { x: 1 },
    {},
    'evaluate: { mode: loose }',
  );
  expect(output).toEqual({ sum: 2, text: 'hello world', plain: 1 });
});

test('a key named __proto__ is data', async () => {
  const { output } = await run('- a: { set: { __proto__: { admin: "${ .x }" }, b: 1 } }', { x: true });
  expect(JSON.stringify(output)).toBe('{"__proto__":{"admin":true},"b":1}');
});

test('a function gets its arguments with expressions filled in, and its answer is the output', async () => {
  const seen: unknown[] = [];
  const { output, steps } = await run(
    `
- ask:
    call: find
    with: { collection: technologies, filter: { technology: '\${ .name }', value: { $gt: 0 } }, limit: 5 }
    output: { as: .rows }
`,
    { name: 'Electrolysis' },
    {
      functions: {
        find: (args) => {
          seen.push(args);
          return { rows: [1, 2], summary: 'two' };
        },
      },
    },
  );
  expect(seen).toEqual([
    { collection: 'technologies', filter: { technology: 'Electrolysis', value: { $gt: 0 } }, limit: 5 },
  ]);
  expect(output).toEqual([1, 2]);
  expect(steps).toMatchObject([{ name: 'ask', kind: 'call', attempts: 1, state: 'completed' }]);
});
