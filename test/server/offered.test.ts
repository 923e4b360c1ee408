// What a caller may list, complete, read and call: by scopes and by tools that are switched off, each in turn. Each
// request leaves one line in the log, whether it is answered or refused.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { type Caller, type Operation, operations } from '../../src/call.ts';
import { type Config, settings } from '../../src/config.ts';
import type { Logger } from '../../src/observability/log.ts';
import { fixedResources, resourceTemplates } from '../../src/resources/resources.ts';
import { tools } from '../../src/tools/tools.ts';
import { testCall } from '../support/call.ts';
import { clientOf, type Era, eras } from '../support/connected.ts';
import { repetitions } from '../support/repetitions.ts';

/** Arguments with which a tool answers; the others refuse theirs, or change nothing. */
const args: Readonly<Record<string, Record<string, unknown>>> = {
  search: { query: 'gas', mode: 'keyword' },
  get_document: { id: 'inline/caverns' },
  similar_documents: { id: 'inline/caverns' },
  describe_collection: { collection: 'plants' },
  find: { collection: 'plants' },
  aggregate: { collection: 'plants', pipeline: [] },
  count: { collection: 'plants' },
  distinct: { collection: 'plants', field: 'name' },
  explain: { collection: 'plants' },
};

/** The tool that a resource is a view of. */
const views: Readonly<Record<string, string>> = {
  'health-live': 'health',
  'health-ready': 'health',
  'health-detail': 'health',
  collection: 'describe_collection',
  document: 'get_document',
  run: 'get_run',
  export: 'export',
};

/** The tools that a prompt needs; and the one that lists what its argument may be. */
const prompts: Readonly<Record<string, { needs: string[]; argument: string; completedBy?: string }>> = {
  answer_from_documents: { needs: ['search', 'get_document'], argument: 'question' },
  explore_collection: {
    needs: ['describe_collection', 'distinct', 'aggregate'],
    argument: 'collection',
    completedBy: 'list_collections',
  },
  brief: {
    needs: [
      'search',
      'get_document',
      'list_collections',
      'describe_collection',
      'aggregate',
      'list_workflows',
      'run_workflow',
    ],
    argument: 'topic',
    completedBy: 'list_documents',
  },
};

/** What the argument of a prompt is completed to, where the tool that lists it is offered. */
const completions: Readonly<Record<string, string>> = { explore_collection: 'plants', brief: 'Caverns' };

const waiting = `
document: { dsl: '1.0.3', namespace: test, name: waiting, version: '1.0.0' }
do:
  - wait: { set: { done: true } }
`;
const reading = `
document: { dsl: '1.0.3', namespace: test, name: reading, version: '1.0.0' }
do:
  - plants: { call: find, with: { collection: plants } }
`;

const callers: readonly Caller[] = [
  { id: 'none', scopes: [] },
  { id: 'reader', scopes: ['read'] },
  { id: 'runner', scopes: ['read', 'run'] },
  { id: 'blind runner', scopes: ['run'] },
  { id: 'everything', scopes: operations },
];
const [everything = { id: '', scopes: [] }] = callers.slice(-1);

interface Line {
  readonly kind: string;
  readonly action: string;
  readonly name?: string;
  readonly operation: string;
  readonly caller: string;
  readonly ms: number;
  readonly code?: string;
}

/** A log whose lines are pushed. */
function logInto(lines: Line[]): Logger {
  return pino({ level: 'info' }, { write: (text) => void lines.push(JSON.parse(text) as Line) });
}

/** What the app logs that no client asked for: the steps of runs. */
const ownLines: Line[] = [];

let directory: string;
let app: App;
/** Of each caller: a run and an export are there for whose they are. */
const runs = new Map<string, string>();
const exported = new Map<string, string>();
/** What can be read, by the name of the resource. */
let uris: Readonly<Record<string, string>>;

const urisOf = ({ id }: Caller) => ({ ...uris, run: runs.get(id) ?? '', export: exported.get(id) ?? '' });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hydrogen-offered-'));
  const workflowFolder = join(directory, 'workflows');
  await mkdir(workflowFolder);
  await writeFile(join(workflowFolder, 'waiting.yaml'), waiting);
  await writeFile(join(workflowFolder, 'reading.yaml'), reading);
  const config = settings.parse({
    dataDir: join(directory, 'data'),
    embeddingModel: 'none',
    sampleWorkflows: false,
    workflowFolders: [workflowFolder],
    enableIngest: true,
    enableWrites: true,
  });
  app = await openApp(config, logInto(ownLines));
  const call = testCall({ deadline: Date.now() + 120_000 });
  const { store } = app.connections.get('embedded');
  await store.put({ database: 'main', collection: 'plants' }, [{ name: 'one' }], { drop: false }, call);
  const text = '# Caverns\n\nGas is kept in salt caverns.\n';
  await app.library.add({ name: 'caverns', text, type: 'markdown', metadata: {} }, call);
  for (const caller of callers) {
    const own = { ...call, caller: { ...caller, scopes: operations } };
    const { id } = await app.workflows.startAndWait({ workflow: 'waiting', input: {} }, 20_000, own);
    runs.set(caller.id, `hydrogen://runs/${id}`);
    const { id: file } = await app.exports.write('jsonl', (sink) => sink('{"name":"one"}\n'), own);
    exported.set(caller.id, `hydrogen://exports/${file}`);
  }
  uris = {
    'health-live': 'health://live',
    'health-ready': 'health://ready',
    'health-detail': 'health://detail',
    collection: 'hydrogen://collections/main/plants',
    document: 'hydrogen://documents/inline/caverns',
    run: '',
    export: '',
  };
}, 120_000);

afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

interface Seen {
  readonly client: Client;
  /** The lines that one request has left. */
  linesOf(request: () => Promise<unknown>): Promise<Line[]>;
}

async function seenBy(caller: Caller, changed: Partial<Config>, era: Era = '2026-07-28'): Promise<Seen> {
  const lines: Line[] = [];
  const log = logInto(lines);
  const client = await clientOf({ ...app, log, config: { ...app.config, ...changed } }, { caller, era });
  return {
    client,
    async linesOf(request) {
      lines.splice(0);
      await request();
      return lines.splice(0);
    },
  };
}

/** One thing that may be asked for: the tools it takes, the line it leaves, and how it is asked for. */
interface Case {
  readonly needs: readonly string[];
  readonly line: Pick<Line, 'kind' | 'action' | 'name' | 'operation'>;
  ask(client: Client): Promise<unknown>;
}

function cases(caller: Caller): Case[] {
  const read = 'read';
  const ofTools = tools.map(
    ({ name, operation }): Case => ({
      needs: [name],
      line: { kind: 'tool', action: 'call', name, operation },
      ask: (client) => client.callTool({ name, arguments: args[name] ?? {} }),
    }),
  );
  const ofResources = Object.entries(urisOf(caller)).map(
    ([name, uri]): Case => ({
      needs: [views[name] ?? ''],
      line: { kind: 'resource', action: 'read', name, operation: read },
      async ask(client) {
        const { contents } = await client.readResource({ uri });
        expect(JSON.stringify(contents)).toMatch(/text/);
      },
    }),
  );
  const ofVariables = resourceTemplates.flatMap(({ name, uri, variables }) =>
    variables.map(
      (variable): Case => ({
        needs: [views[name] ?? ''],
        line: { kind: 'resource', action: 'complete', name, operation: read },
        async ask(client) {
          const { completion } = await client.complete({
            ref: { type: 'ref/resource', uri },
            argument: { name: variable, value: '' },
          });
          expect(completion.values.length, `${name} ${variable}`).toBe(name === 'export' ? 0 : 1);
        },
      }),
    ),
  );
  const ofPrompts = Object.entries(prompts).flatMap(([name, { needs, argument }]): Case[] => [
    {
      needs,
      line: { kind: 'prompt', action: 'get', name, operation: read },
      ask: (client) => client.getPrompt({ name, arguments: { [argument]: 'gas' } }),
    },
    {
      needs,
      line: { kind: 'prompt', action: 'complete', name, operation: read },
      ask: (client) => completed(client, name, argument),
    },
  ]);
  return [...ofTools, ...ofResources, ...ofVariables, ...ofPrompts];
}

async function completed(client: Client, name: string, argument: string): Promise<readonly string[]> {
  const asked = { name: argument, value: '' };
  return (await client.complete({ ref: { type: 'ref/prompt', name }, argument: asked })).completion.values;
}

/** Everything that is listed, and that each list leaves one line. */
async function listedIn({ client, linesOf }: Seen) {
  const listed: Record<string, string[]> = {};
  const list = async (kind: string, what: string, request: () => Promise<string[]>): Promise<void> => {
    const lines = await linesOf(async () => {
      listed[what] = await request();
    });
    expect(lines, what).toMatchObject([{ kind, action: 'list', operation: 'read' }]);
  };
  await list('tool', 'tools', async () => (await client.listTools()).tools.map(({ name }) => name));
  await list('resource', 'resources', async () =>
    (await client.listResources()).resources.map(({ uri }) => uri),
  );
  await list('resource', 'templates', async () =>
    (await client.listResourceTemplates()).resourceTemplates.map(({ name }) => name),
  );
  await list('prompt', 'prompts', async () => (await client.listPrompts()).prompts.map(({ name }) => name));
  return listed;
}

/**
 * Whether a refusal is what the caller may know: what is switched off for everybody says by which setting, where it is a
 * tool that the caller has the scope for; anything else does not exist.
 */
function expectRefusal(
  { kind, action, operation }: Case['line'],
  caller: Caller,
  answer: unknown,
  what: string,
) {
  const mayKnow = kind === 'tool' && action === 'call' && caller.scopes.some((scope) => scope === operation);
  if (!mayKnow) return expect(String(answer), what).toMatch(/not found/i);
  const { isError, content } = answer as { isError?: boolean; content?: unknown };
  expect(isError, what).toBe(true);
  return expect(JSON.stringify(content), what).toMatch(
    /is switched off here: the setting (enableWrites|enableIngest|disabledTools) \(HYDROGEN_/,
  );
}

/** Checks every list and every case against the tools that are allowed. */
async function expectExactly(isAllowed: (tool: string) => boolean, caller: Caller, seen: Seen) {
  const isView = ({ name }: { name: string }): boolean => isAllowed(views[name] ?? '');
  expect(await listedIn(seen)).toEqual({
    tools: tools.map(({ name }) => name).filter(isAllowed),
    // An export is known to whom its link was given.
    resources: Object.entries(urisOf(caller)).flatMap(([name, uri]) =>
      name !== 'export' && isView({ name }) ? [uri] : [],
    ),
    templates: resourceTemplates.filter(isView).map(({ name }) => name),
    prompts: Object.keys(prompts).filter((name) => prompts[name]?.needs.every(isAllowed)),
  });
  for (const { needs, line, ask } of cases(caller)) {
    const what = `${line.kind} ${line.action} ${line.name}`;
    const allowed = needs.every(isAllowed);
    let refusal: unknown;
    let answer: unknown;
    const lines = await seen.linesOf(async () => {
      answer = await ask(seen.client).catch((error: unknown) => {
        refusal = error;
      });
    });
    if (allowed) expect(refusal, what).toBeUndefined();
    else expectRefusal(line, caller, refusal ?? answer, what);
    const operation = allowed ? line.operation : expect.any(String);
    const logged = { ...line, operation, caller: caller.id, ms: expect.any(Number) };
    expect(lines, what).toMatchObject([allowed ? logged : { ...logged, code: 'not_allowed' }]);
  }
  for (const [name, { needs, argument, completedBy = '' }] of Object.entries(prompts)) {
    if (!needs.every(isAllowed)) continue;
    const known = isAllowed(completedBy) ? [completions[name]] : [];
    expect(await completed(seen.client, name, argument), name).toEqual(known);
  }
}

test('the table of this test names every resource', () => {
  expect([...fixedResources, ...resourceTemplates].map(({ name }) => name)).toEqual(Object.keys(views));
});

describe.each(callers)('a caller $id with the scopes $scopes', (caller) => {
  const hasScope = (tool: string): boolean =>
    tools.some(({ name, operation }) => name === tool && caller.scopes.includes(operation));

  test.each(eras)('has exactly what they allow in %s', async (era) => {
    await expectExactly(hasScope, caller, await seenBy(caller, {}, era));
  });

  // What is switched off is so for everybody: the others have their turn with `--long`.
  const turns = repetitions(caller === everything ? tools : tools.slice(0, 1), tools);
  test.each(turns.map(({ name }) => name))('with %s switched off', async (off) => {
    const isAllowed = (tool: string): boolean => tool !== off && hasScope(tool);
    await expectExactly(isAllowed, caller, await seenBy(caller, { disabledTools: [off] }));
  });
});

test.each<[Partial<Config>, Operation[]]>([
  [{ enableIngest: false }, ['read', 'run', 'write', 'destroy']],
  [{ enableWrites: false }, ['read', 'run', 'ingest']],
])('settings %o leave the tools of %o', async (changed, left) => {
  const caller = everything;
  const isAllowed = (tool: string): boolean =>
    tools.some(({ name, operation }) => name === tool && left.includes(operation));
  await expectExactly(isAllowed, caller, await seenBy(caller, changed));
});

test.each(eras)('what does not exist is refused like what is not allowed in %s', async (era) => {
  const { client, linesOf } = await seenBy(everything, {}, era);
  const argument = { name: 'topic', value: '' };
  const asks: [Pick<Line, 'kind' | 'action' | 'name'>, () => Promise<unknown>][] = [
    [{ kind: 'tool', action: 'call', name: 'nosuch' }, () => client.callTool({ name: 'nosuch' })],
    [{ kind: 'prompt', action: 'get', name: 'nosuch' }, () => client.getPrompt({ name: 'nosuch' })],
    [
      { kind: 'prompt', action: 'complete', name: 'nosuch' },
      () => client.complete({ ref: { type: 'ref/prompt', name: 'nosuch' }, argument }),
    ],
    [
      { kind: 'resource', action: 'complete', name: 'nosuch://{id}' },
      () => client.complete({ ref: { type: 'ref/resource', uri: 'nosuch://{id}' }, argument }),
    ],
    [
      { kind: 'resource', action: 'read', name: 'nosuch://one' },
      () => client.readResource({ uri: 'nosuch://one' }),
    ],
  ];
  for (const [line, ask] of asks) {
    const lines = await linesOf(() => expect(ask(), line.kind).rejects.toThrow(/not found/i));
    expect(lines).toMatchObject([{ ...line, code: 'not_found' }]);
  }
});

test('a request that fails leaves its one line, with the code', async () => {
  const { client, linesOf } = await seenBy(everything, {});
  const failing: [string, () => Promise<unknown>][] = [
    ['bad_input', () => client.callTool({ name: 'find', arguments: {} })],
    ['bad_input', () => client.getPrompt({ name: 'brief' })],
    ['not_found', () => client.readResource({ uri: 'hydrogen://documents/nosuch' })],
    ['not_found', () => client.callTool({ name: 'get_document', arguments: { id: 'nosuch' } })],
  ];
  for (const [code, ask] of failing) {
    expect(await linesOf(() => ask().catch(() => {})), code).toMatchObject([{ code }]);
  }
});

test.each([
  ['may read', ['read', 'run'], 'completed', undefined],
  ['may not read', ['run'], 'faulted', 'not_allowed'],
] as const)('a step of a run passes the same door: its caller %s', async (_which, scopes, state, code) => {
  const own = testCall({ caller: { id: 'stepper', scopes } });
  ownLines.splice(0);
  const run = await app.workflows.startAndWait({ workflow: 'reading', input: {} }, 20_000, own);
  expect(run.state).toBe(state);
  if (code) expect(run.error?.detail).toMatch(/"find" needs the scope "read"/);
  const line = { kind: 'tool', action: 'call', name: 'find', caller: 'stepper', run: run.id };
  expect(ownLines.filter(({ kind }) => kind === 'tool')).toMatchObject([{ ...line, ...(code && { code }) }]);
});
