// What model providers ask of the schemas of tools. A tool that one of them refuses costs its user all tools: the request
// fails as a whole. Each rule is stated with where it is from.
import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { tools as allTools } from '../../src/tools/tools.ts';
import { temporaryDirectory } from '../support/call.ts';
import { clientOf, sharedApp } from '../support/connected.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Listed {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Schema;
  readonly outputSchema?: Schema | undefined;
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A schema and all schemas in it, each with its place. */
function* schemasIn(schema: unknown, place: string): Generator<readonly [place: string, schema: unknown]> {
  yield [place, schema];
  if (!isObject(schema)) return;
  const { properties, items, additionalProperties, anyOf, oneOf, allOf } = schema;
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {})) {
    yield* schemasIn(inner, `${place}.${name}`);
  }
  if (items !== undefined) yield* schemasIn(items, `${place}[]`);
  if (additionalProperties !== undefined) yield* schemasIn(additionalProperties, `${place}.*`);
  for (const some of [anyOf, oneOf, allOf]) {
    if (Array.isArray(some))
      for (const [i, inner] of some.entries()) yield* schemasIn(inner, `${place}|${i}`);
  }
}

/** Places of the schemas that break a rule. */
function breaking(tools: readonly Listed[], holds: (schema: Schema) => boolean): string[] {
  return tools.flatMap(({ name, inputSchema }) =>
    [...schemasIn(inputSchema, name)].flatMap(([place, schema]) =>
      isObject(schema) && holds(schema) ? [] : [place],
    ),
  );
}

const keywordsOf = (schema: Schema): string[] => Object.keys(schema);
const types = ['object', 'array', 'string', 'integer', 'number', 'boolean'];

/** @returns what breaks the rule */
type Rule = (tools: readonly Listed[]) => string[];

const rules: readonly (readonly [provider: string, rule: string, source: string, Rule])[] = [
  [
    'MCP',
    'the schema of the arguments, and of the answer, is an object',
    'https://modelcontextprotocol.io/specification/2025-11-25/schema#tool',
    (tools) =>
      tools
        .filter(({ inputSchema, outputSchema = { type: 'object' } }) =>
          [inputSchema, outputSchema].some(({ type }) => type !== 'object'),
        )
        .map(({ name }) => name),
  ],
  [
    'MCP',
    'a name has 1 to 128 letters, digits, "_", "-" and "."',
    'https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names',
    (tools) => tools.filter(({ name }) => !/^[\w.-]{1,128}$/.test(name)).map(({ name }) => name),
  ],
  [
    'OpenAI',
    'a name has 1 to 64 letters, digits, "_" and "-"',
    'https://platform.openai.com/docs/api-reference/chat/create (tools[].function.name)',
    (tools) => tools.filter(({ name }) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name)).map(({ name }) => name),
  ],
  [
    'OpenAI',
    'the root is of type object, with properties, and without combinators, enum and not',
    "https://platform.openai.com/docs/guides/function-calling; \"object schema missing properties\", \"schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level\" (its API)",
    (tools) =>
      tools
        .filter(
          ({ inputSchema }) =>
            inputSchema['type'] !== 'object' ||
            !isObject(inputSchema['properties']) ||
            ['oneOf', 'anyOf', 'allOf', 'enum', 'not'].some((keyword) => keyword in inputSchema),
        )
        .map(({ name }) => name),
  ],
  [
    'OpenAI',
    'every array has items',
    '"array schema missing items" (its API; https://github.com/apify/apify-mcp-server/issues/36)',
    (tools) => breaking(tools, ({ type, items }) => type !== 'array' || isObject(items)),
  ],
  [
    'OpenAI',
    'a description has at most 1,024 characters',
    'https://platform.openai.com/docs/api-reference/chat/create ("string too long", limit of function.description)',
    (tools) => tools.filter(({ description = '' }) => description.length > 1_024).map(({ name }) => name),
  ],
  [
    'Anthropic',
    'a name has 1 to 64 letters, digits, "_" and "-"',
    'https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use (name)',
    (tools) => tools.filter(({ name }) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name)).map(({ name }) => name),
  ],
  [
    'Anthropic',
    'no combinator at the root, and names of arguments have 1 to 64 letters, digits, "_", "." and "-"',
    '"input_schema does not support oneOf, allOf, or anyOf at the top level" (its API; https://github.com/anthropics/claude-code/issues/40075); "property keys should match pattern ^[a-zA-Z0-9_.-]{1,64}$"',
    (tools) =>
      tools
        .filter(
          ({ inputSchema }) =>
            ['oneOf', 'anyOf', 'allOf'].some((keyword) => keyword in inputSchema) ||
            Object.keys(Object(inputSchema['properties'])).some((key) => !/^[\w.-]{1,64}$/.test(key)),
        )
        .map(({ name }) => name),
  ],
  [
    'Gemini',
    'a name begins with a letter or "_", and has at most 64 letters, digits, "_", "." and "-"; so have arguments, without "." and "-"',
    'https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/FunctionDeclaration (name, parameters)',
    (tools) =>
      tools
        .filter(
          ({ name, inputSchema }) =>
            !/^[a-zA-Z_][\w.-]{0,63}$/.test(name) ||
            Object.keys(Object(inputSchema['properties'])).some((key) => !/^[a-zA-Z_]\w{0,63}$/.test(key)),
        )
        .map(({ name }) => name),
  ],
  [
    'Gemini',
    'every schema has one type, and only keywords of its subset of OpenAPI 3.0',
    'https://ai.google.dev/api/caching#Schema; "Unknown name "additionalProperties"" (its API; https://github.com/nanbingxyz/5ire/issues/42)',
    (tools) =>
      breaking(
        tools,
        (schema) =>
          types.includes(String(schema['type'])) &&
          keywordsOf(schema).every((keyword) =>
            [
              ...['type', 'format', 'title', 'description', 'nullable', 'enum', 'maxItems', 'minItems'],
              ...['properties', 'required', 'minProperties', 'maxProperties', 'minLength', 'maxLength'],
              ...[
                'pattern',
                'example',
                'anyOf',
                'propertyOrdering',
                'default',
                'items',
                'minimum',
                'maximum',
              ],
            ].includes(keyword),
          ),
      ),
  ],
  [
    'Gemini',
    'only text has an enum; only objects have properties and required, which names properties; only arrays have items',
    'https://ai.google.dev/api/caching#Schema; "only allowed for OBJECT type" (its API; https://github.com/anomalyco/opencode/issues/11889)',
    (tools) =>
      breaking(tools, ({ type, enum: values, properties, required, items }) => {
        const names = Array.isArray(required) ? required : [];
        return (
          (values === undefined || type === 'string') &&
          ((properties === undefined && required === undefined) || type === 'object') &&
          names.every((name) => Object.hasOwn(Object(properties), String(name))) &&
          (items === undefined) === (type !== 'array')
        );
      }),
  ],
  [
    'google-genai',
    'where a schema may be is an object, never true or false',
    '_filter_to_supported_schema and from_json_schema of google-genai 3.6.1, which fail on a boolean',
    (tools) =>
      tools.flatMap(({ name, inputSchema }) =>
        [...schemasIn(inputSchema, name)].flatMap(([place, schema]) => (isObject(schema) ? [] : [place])),
      ),
  ],
];

const app = sharedApp({ settings: { enableIngest: true, enableWrites: true } });
const listed = async (): Promise<readonly Listed[]> => (await (await clientOf(app())).listTools()).tools;

describe('the list of all tools', () => {
  test('is looked at as a whole', async () => expect(await listed()).toHaveLength(allTools.length));

  test.each(rules)('keeps a rule of %s: %s (%s)', async (_provider, _rule, _source, broken) => {
    expect(broken(await listed())).toEqual([]);
  });
});

const bad = {
  name: 'a b',
  inputSchema: { type: 'object', anyOf: [], properties: { 'a/b': { type: ['string', 'null'] } } },
};
const worse = {
  name: '-'.repeat(200),
  description: '.'.repeat(2_000),
  inputSchema: {
    type: 'array',
    additionalProperties: false,
    properties: { list: { type: 'array' }, number: { type: 'number', enum: [1] } },
    required: ['nosuch'],
  },
};

test.each(rules)('a list that breaks it is seen: %s: %s', (_provider, _rule, _source, broken) => {
  expect([bad, worse].flatMap((tool) => broken([tool]))).not.toEqual([]);
});

const python = process.env['HYDROGEN_TEST_PYTHON'] ?? 'python3';

function hasConverter(): boolean {
  try {
    execFileSync(python, ['-c', 'import google.genai, mcp.types'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const convert = `
import json, sys
from google.genai import _mcp_utils
from mcp.types import Tool
failed = []
for tool in json.load(open(sys.argv[1], encoding="utf-8")):
    try:
        declared = _mcp_utils.mcp_to_gemini_tool(Tool(**tool)).function_declarations[0]
        assert set(declared.parameters.properties or {}) == set(tool["inputSchema"]["properties"])
    except Exception as error:
        failed.append(f"{tool['name']}: {error!r}")
print(json.dumps(failed))
`;

// HYDROGEN_TEST_PYTHON names one that has google-genai and mcp.
test.skipIf(!hasConverter())('google-genai converts all tools with all their arguments', async () => {
  const file = join(await temporaryDirectory(), 'tools.json');
  await writeFile(file, JSON.stringify(await listed()));
  const { stdout } = await promisify(execFile)(python, ['-c', convert, file]);
  expect(JSON.parse(stdout)).toEqual([]);
});
