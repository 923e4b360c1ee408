// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { definition, openWorld, patientCall, world } from './support.ts';

// One world for all, whose one file is replaced by each test: the checking thread stays warm.
let shared: Awaited<ReturnType<typeof openWorld>>;
let place = '';
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  shared = await openWorld({ directory: place, functions: { aggregate: () => 1, search: () => 1 } });
});
afterAll(async () => {
  await shared.close();
  await rm(place, { recursive: true, force: true, maxRetries: 5 });
});

/** Why a definition with these tasks cannot be run. */
async function problemOf(tasks: string, more = ''): Promise<string> {
  await writeFile(join(shared.folder, 'w.yaml'), definition(tasks, more));
  const [entry] = await shared.workflows.list(patientCall());
  return entry?.problem ?? 'none';
}

const refusedTasks: Readonly<Record<string, string>> = {
  listen: '{ listen: { to: { one: { with: { type: x } } } } }',
  emit: '{ emit: { event: { with: { source: "https://a.b", type: x } } } }',
  run: '{ run: { shell: { command: ls } } }',
};

describe('a task that is not executed is refused by name and place', () => {
  test.each(Object.entries(refusedTasks))('%s', async (kind, task) => {
    const nested = `- outer: { do: [{ inner: ${task} }] }`;
    expect(await problemOf(nested)).toMatch(
      new RegExp(`^/do/0/outer/do/0/inner/${kind}: the task "${kind}" is not supported`),
    );
  });
});

describe('a call that leaves the server is refused by name', () => {
  const calls: Readonly<Record<string, string>> = {
    http: '{ method: get, endpoint: "https://a.b" }',
    grpc: '{ proto: { endpoint: "https://a.b" }, service: { name: s, host: h }, method: m }',
    openapi: '{ document: { endpoint: "https://a.b" }, operationId: o }',
    asyncapi: '{ document: { endpoint: "https://a.b" }, operation: o, message: { payload: {} } }',
  };
  test.each(Object.entries(calls))('%s', async (kind, args) => {
    expect(await problemOf(`- a: { call: ${kind}, with: ${args} }`)).toMatch(
      new RegExp(`^/do/0/a/call: call: ${kind} is not supported: a workflow calls this server's read tools`),
    );
  });
});

describe('what would change the execution and is not supported is refused by name', () => {
  const set = '- a: { set: { x: 1 } }';
  test.each([
    [
      'a schedule',
      'schedule: { cron: "0 0 * * *" }',
      /^\/schedule: "schedule" in a workflow is not supported/,
    ],
    [
      'functions of its own',
      'use: { functions: { f: { set: { x: 1 } } } }',
      /^\/use\/functions: "use.functions" is not/,
    ],
    ['secrets', 'use: { secrets: [s] }', /^\/use\/secrets: "use.secrets" is not supported/],
    [
      'another language',
      'evaluate: { language: javascript }',
      /^\/evaluate\/language: .*"javascript" is not supported: jq is/,
    ],
    [
      'a schema elsewhere',
      'input: { schema: { resource: { endpoint: "https://a.b" } } }',
      /^\/input\/schema\/resource: /,
    ],
    [
      'an output schema elsewhere',
      'output: { schema: { resource: { endpoint: "https://a.b" } } }',
      /^\/output\/schema\/resource: /,
    ],
    [
      'functions of its own',
      'use: { functions: { f: { call: http, with: { endpoint: "https://a.b", method: get } } } }',
      /^\/use\/functions: "use.functions" is not supported/,
    ],
  ])('%s', async (_what, more, problem) => {
    expect(await problemOf(set, more)).toMatch(problem);
  });
});

test.each(['P1W', 'P1W2DT3H', 'PT0.5S', 'P1D', '{ minutes: 90 }'])(
  'a timeout of %s is a duration',
  async (after) => {
    expect(await problemOf('- a: { set: { x: 1 } }', `timeout: { after: ${after} }`)).toBe('none');
  },
);

test.each(['P1Y', 'P1M'])('a timeout of %s is refused: not all are of one length', async (after) => {
  expect(await problemOf('- a: { set: { x: 1 } }', `timeout: { after: ${after} }`)).toMatch(
    /^\/timeout\/after: not a duration such as PT30S/,
  );
});

describe('what is no duration is said to be none', () => {
  test.each(['"30 s"', '30s', 'PT', '""', '-PT5S'])('%s', async (wait) => {
    expect(await problemOf(`- a: { wait: ${wait} }`)).toBe(
      '/do/0/a/wait: not a duration such as PT30S or { seconds: 30 }',
    );
    expect(await problemOf('- a: { set: { x: 1 } }', `timeout: { after: ${wait} }`)).toBe(
      '/timeout/after: not a duration such as PT30S or { seconds: 30 }',
    );
  });

  test.each(['30', '[1]', 'null'])('%s, which is not even text', async (wait) => {
    expect(await problemOf(`- a: { wait: ${wait} }`)).toBe('/do/0/a/wait: must be object or string');
  });

  test('but not what only has the name of one, or is wrong in a part', async () => {
    expect(await problemOf('- wait: 30')).toBe('/do/0/wait: must be object');
    expect(await problemOf('- a: { wait: { seconds: x } }')).toBe('/do/0/a/wait/seconds: must be integer');
  });
});

describe('a wait of no length, or too long a one, is refused', () => {
  test.each([
    ['P1M', 'not a duration in weeks, days or smaller units, such as PT30S'],
    ['{ seconds: -1 }', 'a negative duration'],
    ['{ days: 365, milliseconds: 1 }', 'longer than a run may wait (max 365 days)'],
    ['P53W', 'longer than a run may wait (max 365 days)'],
    ['"${ .a + }"', 'the expression does not compile: syntax error, unexpected end of file'],
  ])('%s', async (wait, reason) => {
    expect(await problemOf(`- a: { wait: ${wait} }`)).toBe(`/do/0/a/wait: ${reason}`);
  });

  test.each(['{ days: 365 }', 'P52W', 'PT0S', '{ milliseconds: 1 }', '"${ .delay }"'])(
    '%s is not',
    async (wait) => {
      expect(await problemOf(`- a: { wait: ${wait} }`)).toBe('none');
    },
  );
});

test('an unknown function is refused with the near names', async () => {
  const problem = await problemOf('- a: { call: agregate }');
  expect(problem).toBe('/do/0/a/call: there is no function "agregate"; did you mean "aggregate"?');
});

test('a "then" to a task that is not in the list is refused with the near names', async () => {
  const problem = await problemOf('- first: { set: { x: 1 }, then: secnd }\n- second: { set: { x: 2 } }');
  expect(problem).toBe(
    '/do/0/first/then: this list has no task "secnd" to continue with; did you mean "second"?',
  );
});

test('something that is no task says what it has', async () => {
  expect(await problemOf('- a: { fetch: { x: 1 } }')).toBe('/do/0/a: not a DSL task (it has "fetch")');
});

describe('an expression is checked when its definition is loaded', () => {
  test.each([
    [
      'a syntax error',
      '${ .a + }',
      /^\/do\/0\/a\/set\/x: the expression does not compile: syntax error, unexpected end of file$/,
    ],
    ['an unknown function', '${ .a | uppercase }', /does not compile: uppercase\/0 is not defined$/],
    ['an unknown variable', '${ $item.x }', /does not compile: \$item is not defined$/],
    [
      'the environment',
      '${ env.PATH }',
      /env is not available in expressions: expressions cannot read the environment$/,
    ],
    ['the environment as a variable', '${ "\\($ENV.PATH)" }', /\$ENV is not available in expressions/],
    [
      'another input',
      '${ [., input] }',
      /input is not available in expressions: an expression has one input/,
    ],
    ['a module', '${ include "x"; . }', /include is not available in expressions: there are no modules$/],
    ['the clock', '${ now }', /now is not available in expressions: .* use \$workflow.startedAt$/],
    ['a NUL character, where jq would stop reading', '${ .a \0 nonsense }', /has a NUL character$/],
    ['secrets', '${ $secrets.key }', /\$secrets is not supported$/],
    ['a parenthesis too many', '${ 1), (2 }', /does not compile: syntax error/],
    ['text around an expression', 'Hello ${ .name }', /only a whole string can be an expression/],
  ])('%s', async (_what, text, problem) => {
    expect(await problemOf(`- a: { set: { x: ${JSON.stringify(text)} } }`)).toMatch(problem);
  });

  test('names of fields and words in strings are not mistaken for what is refused', async () => {
    const text = '${ { env: .env, text: "the input of now is \\(.input)", input: 1, debug: ."env" } }';
    expect(await problemOf(`- a: { set: { x: ${JSON.stringify(text)} } }`)).toBe('none');
  });
});

test('a broken file is listed with its problem and does not stop the others', async () => {
  const { workflows } = await world({
    files: {
      'broken.yaml': 'document: [',
      'empty.yaml': '',
      'good.yaml': definition('- a: { set: { x: 1 } }'),
      'notes.txt': 'no definition',
      'twice.json': JSON.stringify({
        document: { dsl: '1.0.3', namespace: 'test', name: 'w', version: '2.0.0' },
        do: [{ a: { set: { x: 1 } } }],
      }),
    },
  });
  const entries = await workflows.list(patientCall());
  expect(entries.map(({ name, problem }) => [name, problem?.replace(/;.*/, '')])).toEqual([
    ['broken.yaml', expect.stringMatching(/^line 1, column \d+: /)],
    ['empty.yaml', 'a definition is a mapping with `document` and `do`'],
    ['w', undefined],
    ['w', 'twice.json redefines a workflow from another file'],
  ]);
});

test('all problems of a definition are told, five of them in words', async () => {
  const problem = await problemOf(
    `
- a: { call: agregate, with: { collection: x } }
- b: { set: { x: "\${ .a | nosuch }" }, then: nowhere }
- c: { call: http, with: { endpoint: 'https://a.b', method: get } }
- d: { wait: { seconds: 1 }, timeout: { after: P1M } }
- e: { set: { y: "\${ }" } }
- f: { set: { z: "\${ $secrets.x }" } }`,
  );
  expect(problem).toMatch(
    /^7 problems: \(1\) \/do\/1\/b\/then: .*; \(2\) \/do\/2\/c\/call: .*; \(3\) \/do\/3\/d\/timeout\/after: .*; \(4\) \/do\/1\/b\/set\/x: .*; \(5\) \/do\/4\/e\/set\/y: .*; and 2 more$/,
  );
});

test('a file that is changed is read again', async () => {
  const one = await world({ files: { 'w.yaml': definition('- a: { run: { shell: { command: ls } } }') } });
  expect((await one.workflows.list(patientCall()))[0]?.problem).toMatch(/"run"/);
  await writeFile(`${one.folder}/w.yaml`, definition('- a: { set: { now: fixed } }'));
  expect((await one.workflows.list(patientCall()))[0]).not.toHaveProperty('problem');
});

test('none of the problems shows a path of the server or a stack', async () => {
  const folder = new URL('./conformance/invalid/', import.meta.url);
  const files = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  );
  const { workflows, directory } = await world({ files });
  for (const { problem } of await workflows.list(patientCall())) {
    expect(problem).not.toMatch(/node_modules|\.mjs|\n| at /);
    expect(problem).not.toContain(directory);
  }
});
