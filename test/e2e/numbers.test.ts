// Whole numbers beyond 2^53, and others that JSON.parse changes, through every door where JSON comes in: a number is
// taken as it is written or refused with how to write it; it is never another one.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { settings as configSettings } from '../../src/config.ts';
import { loadJson, loadJsonLines } from '../../src/library/reading/loaders/json.ts';
import { loadMarkdown } from '../../src/library/reading/loaders/markdown.ts';
import { fromExtendedJson, stringifyExtendedJson } from '../../src/mql/index.ts';
import { createLog } from '../../src/observability/log.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { keepChecker } from '../support/checker.ts';
import { command } from '../support/command.ts';
import { bare, type Settings } from '../support/process.ts';
import { post, rawHttp } from '../support/raw-http.ts';
import { paramsOf, type RawServer, startServer } from '../support/raw-server.ts';

keepChecker();

interface Row {
  readonly number: string;
  /** In relaxed Extended JSON; absent where the number is refused. */
  readonly exact?: string;
  readonly refused?: RegExp;
}

const long = (digits: string): Row => ({ number: digits, exact: `{"$numberLong":"${digits}"}` });

const rows: readonly Row[] = [
  { number: '0', exact: '0' },
  { number: '9007199254740991', exact: '9007199254740991' },
  { number: '-9007199254740991', exact: '-9007199254740991' },
  long('9007199254740992'),
  long('9007199254740993'),
  long('-9007199254740993'),
  long('9223372036854775807'),
  long('-9223372036854775808'),
  { number: '12345678901234567890', refused: /12345678901234567890 is beyond 64 bits.*\$numberDecimal/ },
  { number: '-9223372036854775809', refused: /beyond 64 bits/ },
  // A double holds it; JavaScript writes 1e20 so.
  { number: '100000000000000000000', exact: '{"$numberDouble":"100000000000000000000.0"}' },
  { number: '1e400', refused: /1e400 is too large for a double.*\$numberDecimal/ },
  { number: '-1e400', refused: /too large/ },
  { number: `1${'0'.repeat(400)}`, refused: /too large/ },
  { number: '1e-400', refused: /too small/ },
  { number: '0.1', exact: '0.1' },
  { number: '1e300', exact: '1e+300' },
  { number: '-0', exact: '{"$numberDouble":"-0.0"}' },
  { number: '-0e100', exact: '{"$numberDouble":"-0.0"}' },
  { number: '-0.0000000000000000', exact: '{"$numberDouble":"-0.0"}' },
];

const echo = `
document: { dsl: '1.0.3', namespace: test, name: echo, version: '1.0.0' }
do:
  - echo: { set: { n: '\${ .n }' } }
`;

let directory: string;
let settings: Settings;
let stdio: RawServer;
let app: App;
let http: HttpServer;
/** Names of what a test makes. */
let next = 0;
const fresh = (): string => `c${next++}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hydrogen-numbers-'));
  const workflowFolders = join(directory, 'workflows');
  await mkdir(workflowFolders);
  await writeFile(join(workflowFolders, 'echo.yaml'), echo);
  const dataDir = join(directory, 'data');
  const writing = { enableWrites: true, enableIngest: true, confirmWrites: 'never' } as const;
  settings = {
    ...bare,
    dataDir,
    workflowFolders,
    confirmWrites: 'never',
    enableWrites: 'true',
    enableIngest: 'true',
  };
  stdio = startServer({ ...settings, logLevel: 'silent' }, { era: '2026-07-28' });
  const given = {
    dataDir,
    embeddingModel: 'none',
    sampleWorkflows: false,
    workflowFolders: [workflowFolders],
    httpPort: 0,
  };
  app = await openApp(configSettings.parse({ ...given, ...writing }), createLog('silent'));
  http = await serveOnHttp(app);
});

afterAll(async () => {
  stdio.child.kill('SIGKILL');
  await http.close();
  await app.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

type Call = (tool: string, args: string) => Promise<string>;

/** A request as text, since JavaScript cannot hold its numbers. */
function request(tool: string, args: string): string {
  const params = JSON.stringify({ ...paramsOf('2026-07-28'), name: tool }).slice(0, -1);
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params},"arguments":${args}}}`;
}

interface Answer {
  readonly result?: { readonly content: readonly { readonly text: string }[]; readonly isError?: boolean };
  readonly error?: { readonly message: string };
}

/** The text of an answer. */
function textOf({ result, error }: Answer): string {
  return error?.message ?? result?.content.map(({ text }) => text).join('\n') ?? '';
}

const overStdio: Call = async (tool, args) => {
  const [answer] = await stdio.answersTo([request(tool, args)], 1);
  return textOf(answer as Answer);
};

const overHttp: Call = async (tool, args) => {
  const port = Number(new URL(http.url).port);
  const headers = `MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: ${tool}\r\n`;
  const { body = '' } = (await rawHttp(port, post(request(tool, args), headers))) ?? {};
  return textOf(JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '{}') as Answer);
};

/** A refusal, or what a collection holds after an insertion. */
const inserted =
  (call: Call, form: (documents: string) => string = (documents) => documents) =>
  async (number: string): Promise<string> => {
    const collection = fresh();
    const answer = await call(
      'insert',
      `{"collection":"${collection}","documents":${form(`[{"_id":1,"n":${number}}]`)}}`,
    );
    if (!answer.includes('"inserted":1')) return answer;
    return call('find', `{"collection":"${collection}"}`);
  };

const set = async (number: string): Promise<string> => {
  const collection = fresh();
  await overStdio('insert', `{"collection":"${collection}","documents":[{"_id":1}]}`);
  const answer = await overStdio(
    'update',
    `{"collection":"${collection}","filter":{},"update":{"$set":{"n":${number}}}}`,
  );
  if (!answer.includes('"changed":1')) return answer;
  return overStdio('find', `{"collection":"${collection}"}`);
};

const imported = async (number: string): Promise<string> => {
  const collection = fresh();
  const file = join(directory, `${collection}.jsonl`);
  await writeFile(file, `{"_id":1,"n":${number}}\n`);
  const { code, out, err } = await command(['import', file], settings);
  if (code !== 0) return out + err;
  return (await command(['find', collection], settings)).out;
};

const runByCommand = async (number: string): Promise<string> => {
  const { out, err } = await command(['run', 'echo', '--input', `{"n":${number}}`, '--json'], settings);
  return out === '' ? err : out.replace(/"input":.*?"output"/s, '"output"');
};

/** A definition is loaded, and run; what is wrong with it is in the list. */
const defined =
  (name: string, definition: (number: string) => string) =>
  async (number: string): Promise<string> => {
    const folder = join(directory, fresh());
    await mkdir(folder);
    await writeFile(join(folder, name), definition(number));
    const own = { ...settings, workflowFolders: folder };
    const { out } = await command(['run', 'literal', '--json'], own);
    return out === '' ? (await command(['workflows'], own)).out : out;
  };

const head = { dsl: '1.0.3', namespace: 'test', name: 'literal', version: '1.0.0' };

/** One of each kind, for doors behind which a whole command stands; what reads the numbers is the same. */
const kinds = rows.filter(({ number }) =>
  [
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '12345678901234567890',
    '1e400',
    '0.1',
    '-0',
  ].includes(number),
);

type Door = readonly [
  name: string,
  through: (number: string) => Promise<string> | string,
  rows?: readonly Row[],
];

const doors: readonly Door[] = [
  ['a document to insert, over stdio', inserted(overStdio)],
  ['a document to insert, over HTTP', inserted(overHttp)],
  ['a document to insert, as text', inserted(overStdio, (documents) => JSON.stringify(documents))],
  ['an update', set],
  ['a file that is imported', imported, kinds],
  [
    "a workflow's input, over stdio",
    (number) => overStdio('run_workflow', `{"workflow":"echo","input":{"n":${number}}}`),
  ],
  [
    "a workflow's input, as text",
    (number) => overHttp('run_workflow', `{"workflow":"echo","input":${JSON.stringify(`{"n":${number}}`)}}`),
  ],
  ["a workflow's input, on the command line", runByCommand, kinds],
  [
    'a definition in YAML',
    defined(
      'a.yaml',
      (number) => `document: ${JSON.stringify(head)}\ndo:\n  - a: { set: { n: ${number} } }\n`,
    ),
    kinds,
  ],
  [
    'a definition in JSON',
    defined(
      'a.json',
      (number) => `{"document":${JSON.stringify(head)},"do":[{"a":{"set":{"n":${number}}}}]}`,
    ),
    kinds,
  ],
];

const compact = (text: string): string => text.replaceAll('\\"', '"').replace(/\s+/g, '');

describe.each(doors.map(([door, through, those = rows]) => ({ door, through, those })))(
  'through $door',
  ({ through, those }) => {
    test.each(those)('$number is exact or refused', async ({ number, exact, refused }) => {
      const outcome = await through(number);
      if (refused) expect(outcome).toMatch(refused);
      // A run writes a double as JSON does.
      else expect(compact(outcome).replace(/"n":(1e20|10{20})\b/, `"n":${exact}`)).toContain(`"n":${exact}`);
    });
  },
);

test('in a CSV each number is exact, or the text that stands there', async () => {
  const collection = fresh();
  const file = join(directory, `${collection}.csv`);
  const more: readonly Row[] = [{ number: '9007199254740993.0', refused: /a double would change it/ }];
  const all = [...rows.filter(({ number }) => number !== '100000000000000000000'), ...more];
  const columns = all.map((_, i) => `n${i}`).join(',');
  await writeFile(file, `_id,${columns}\n1,${all.map(({ number }) => number).join(',')}\n`);
  expect(await command(['import', file], settings)).toMatchObject({ code: 0 });
  const { out } = await command(['find', collection], settings);
  const values = all.map(({ number, exact, refused }, i) => `"n${i}":${refused ? `"${number}"` : exact}`);
  expect(compact(out)).toContain(values.join(','));
});

describe('a filter meets the number that is written, and no neighbour', () => {
  const neighbours = [
    '9007199254740991',
    '{"$numberLong":"9007199254740992"}',
    '{"$numberLong":"9007199254740993"}',
    '{"$numberLong":"9007199254740994"}',
    '{"$numberLong":"9223372036854775806"}',
    '{"$numberLong":"9223372036854775807"}',
    '{"$numberDouble":"9223372036854775808"}',
    '{"$numberLong":"-9223372036854775808"}',
    '{"$numberLong":"-9223372036854775807"}',
    '{"$numberLong":"-9007199254740993"}',
    '{"$numberLong":"-9007199254740992"}',
    '-9007199254740991',
    '{"$numberDouble":"Infinity"}',
    '{"$numberDecimal":"12345678901234567890"}',
    '{"$numberDouble":"12345678901234567890"}',
    '{"$numberDouble":"1e20"}',
    '{"$numberDouble":"1e300"}',
    '0.1',
    '0',
  ];
  const filters = (number: string) => [
    `{"n":${number}}`,
    `{"n":{"$in":[${number}]}}`,
    `{"n":{"$gte":${number},"$lte":${number}}}`,
  ];
  beforeAll(async () => {
    const documents = neighbours.map((n, i) => `{"_id":${i},"n":${n}}`).join(',');
    await overStdio('insert', `{"collection":"neighbours","documents":[${documents}]}`);
  });

  const byCommand = async (filter: string): Promise<string> => {
    const found = await command(['find', 'neighbours', filter, '--projection', '{"_id":0}'], settings);
    return found.out === '' ? found.err : found.out;
  };
  /** What a filter finds, in every way of asking; with a whole command once a number. */
  const outcomes = async (filter: string, isFirst: boolean): Promise<string[]> => [
    await overStdio('find', `{"collection":"neighbours","filter":${filter},"projection":{"_id":0}}`),
    await overHttp(
      'find',
      `{"collection":"neighbours","filter":${JSON.stringify(filter)},"projection":{"_id":0}}`,
    ),
    await overStdio(
      'aggregate',
      `{"collection":"neighbours","pipeline":[{"$match":${filter}},{"$unset":"_id"}]}`,
    ),
    ...(isFirst ? [await byCommand(filter)] : []),
  ];

  test.each(rows)('$number', async ({ number, exact, refused }) => {
    for (const [at, filter] of filters(number).entries()) {
      for (const outcome of await outcomes(filter, at === 0)) {
        if (refused) expect(outcome).toMatch(refused);
        else {
          const value = number.startsWith('-0') ? '0' : exact;
          expect(outcome.match(/^\{"n":.*\}$/gm), filter).toEqual([`{"n":${value}}`]);
        }
      }
    }
  });
});

describe('metadata of a document of the library', () => {
  test.each(rows)('$number is found by it, or refused', async ({ number, refused }) => {
    const name = fresh();
    const metadata = `{"case":"${name}","n":${number}}`;
    const added = await overStdio(
      'add_document',
      `{"name":"${name}","text":"salt cavern","metadata":${metadata}}`,
    );
    if (refused) return expect(added).toMatch(refused);
    const search = (n: string): Promise<string> =>
      overStdio('search', `{"query":"cavern","mode":"keyword","filter":{"case":"${name}","n":${n}}}`);
    expect(await search(number)).toMatch(/^1 passage/);
    for (const other of ['9007199254740994', '9223372036854775806', '-9007199254740994', '1']) {
      expect(await search(other), other).toMatch(/^No passage/);
    }
  });
});

describe('in a document of the library', () => {
  test.each(rows)('$number keeps its digits', ({ number }) => {
    const shown = expect.stringContaining(number);
    const json = loadJson(`{"a":{"n":${number}}}`, 'file');
    expect([json.text, json.blocks[0]?.text]).toEqual([shown, shown]);
    const lines = loadJsonLines(`{"list":[${number},null]}\n`, 'file');
    expect([lines.text, lines.blocks[0]?.text]).toEqual([shown, `list: ${number}, `]);
  });

  test.each(rows)('$number in front matter is exact, or text', ({ number, exact, refused }) => {
    const { metadata } = loadMarkdown(`---\nn: ${number}\n---\n# Title\n`, 'file');
    const value = number.length === 21 ? number : exact;
    expect(JSON.stringify(metadata['n'])).toBe(refused ? JSON.stringify(number) : value);
  });
});

test.each([
  ['.n == 9007199254740993', /doubles, which cannot hold 9007199254740993/],
  ['9007199254740993', /cannot hold 9007199254740993/],
  ['.n + 1e400', /cannot hold 1e400/],
  ['"\\(.n) 9007199254740993"', undefined],
  ['.id1234567890123456789', undefined],
])('the jq expression %s: %s', async (expression, message) => {
  const outcome = await defined(
    'a.yaml',
    () =>
      `document: ${JSON.stringify(head)}\ndo:\n  - a: { set: { n: ${JSON.stringify(`\${ ${expression} }`)} } }\n`,
  )('');
  if (message) expect(outcome).toMatch(message);
  else expect(outcome).toContain('"state":"completed"');
});

test.each([
  ['"9007199254740993" | fromjson', /has the number 9007199254740993/],
  ['1e17 * 1.2', /"n":120000000000000000/],
])('the value of the jq expression %s is exact or a fault: %s', async (expression, message) => {
  const outcome = await defined(
    'a.yaml',
    () =>
      `document: ${JSON.stringify(head)}\ndo:\n  - a: { set: { n: ${JSON.stringify(`\${ ${expression} }`)} } }\n`,
  )('');
  expect(compact(outcome)).toMatch(new RegExp(message.source.replaceAll(' ', '')));
});

describe('settings', () => {
  const bad = rows.filter(({ number }) => !['0', '-0', '0.1'].includes(number));
  test.each(bad)('$number is refused', async ({ number }) => {
    const file = join(directory, `${fresh()}.json`);
    await writeFile(file, `{"maxRows":${number}}`);
    for (const args of [
      ['--set', `maxRows=${number}`],
      ['--config', file],
    ]) {
      const { code, err } = await command([...args, 'config'], settings);
      expect(code).not.toBe(0);
      expect(err).toMatch(/maxRows/);
    }
  });
});

test('what is printed as relaxed Extended JSON is read as the same value, whatever the client does with numbers', () => {
  const canonical = [
    ...['9007199254740991', '9007199254740993', '-9223372036854775808'].map((n) => `{"$numberLong":"${n}"}`),
    ...[
      '0.1',
      '-0.0',
      '1e+300',
      '1234567890123456800.0',
      '9007199254740992.0',
      '1e+21',
      'NaN',
      '-Infinity',
    ].map((n) => `{"$numberDouble":"${n}"}`),
    '{"$numberDecimal":"12345678901234567890.123"}',
  ];
  for (const text of canonical) {
    const value = fromExtendedJson(text);
    const relaxed = stringifyExtendedJson(value, { relaxed: true });
    for (const again of [relaxed, JSON.stringify(JSON.parse(relaxed))]) {
      const read = stringifyExtendedJson(fromExtendedJson(again));
      expect(read, text).toBe(stringifyExtendedJson(value));
      expect(stringifyExtendedJson(fromExtendedJson(again), { relaxed: true }), text).toBe(relaxed);
    }
  }
});
