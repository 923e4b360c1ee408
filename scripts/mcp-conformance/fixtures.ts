import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  completable,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type Server,
  type ServerContext,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

// What the official conformance suite expects of a server under test: tools, resources and prompts by fixed names, each
// of which shows one feature of the protocol. Our own tools use few of these features; the transports carry all.

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
/** A WAV file without a sample. */
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';

const text = (value: string) => ({ type: 'text' as const, text: value });
const image = { type: 'image' as const, data: png, mimeType: 'image/png' };
const answer = (...content: readonly ReturnType<typeof text>[]) => ({ content: [...content] });
const json = (value: unknown): string => JSON.stringify(value);

const codec = createRequestStateCodec({ key: randomBytes(32) });

const form = (message: string, properties: Record<string, object>, required = Object.keys(properties)) => ({
  mode: 'form' as const,
  message,
  requestedSchema: { type: 'object' as const, properties: properties as never, required },
});
const asked = (message: string, field: string, type: 'string' | 'boolean' = 'string') =>
  inputRequired.elicit(form(message, { [field]: { type } }));
const sampled = (prompt: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: text(prompt) }],
    maxTokens,
  });

type Run = (
  args: Record<string, string>,
  ctx: ServerContext,
) => Promise<{ content: object[]; isError?: boolean } | InputRequiredResult>;

/** What a client declared, in either era. */
function capabilitiesOf({ mcpReq }: ServerContext, server: Server): ClientCapabilities {
  const envelope = mcpReq.envelope as { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } | undefined;
  return envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities() ?? {};
}

const content: Readonly<Record<string, Run>> = {
  test_simple_text: async () => answer(text('This is a simple text response for testing.')),
  test_image_content: async () => ({ content: [image] }),
  test_audio_content: async () => ({ content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }] }),
  test_embedded_resource: async () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }),
  test_multiple_content_types: async () => ({
    content: [
      text('Multiple content types test:'),
      image,
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: json({ test: 'data', value: 123 }),
        },
      },
    ],
  }),
  test_error_handling: async () => ({
    ...answer(text('This tool intentionally returns an error for testing')),
    isError: true,
  }),
};

const duringCalls: Readonly<Record<string, Run>> = {
  async test_tool_with_logging(_args, { mcpReq }) {
    for (const [i, message] of ['started', 'processing data', 'completed'].entries()) {
      if (i > 0) await delay(50);
      await mcpReq.log('info', i === 1 ? `Tool ${message}` : `Tool execution ${message}`);
    }
    return answer(text('Logged three times.'));
  },
  async test_logging_tool(_args, { mcpReq }) {
    await mcpReq.log('info', 'Only for those that asked for it');
    return answer(text('Logged once.'));
  },
  async test_tool_with_progress(_args, { mcpReq }) {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await delay(50);
      if (progressToken === undefined) continue;
      const params = { progressToken, progress, total: 100 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    return answer(text('Reported three times.'));
  },
};

/** Asks for one thing, and answers with it. */
const asking =
  (
    key: string,
    request: ReturnType<typeof asked>,
    shown: (response: ReturnType<typeof inputResponse>) => string | undefined,
  ): Run =>
  async (_args, { mcpReq }) => {
    const found = shown(inputResponse(mcpReq.inputResponses, key));
    return found === undefined ? inputRequired({ inputRequests: { [key]: request } }) : answer(text(found));
  };

const elicited =
  (
    prefix: string,
    message: (args: Record<string, string>) => string,
    properties: Record<string, object>,
    required?: string[],
  ): Run =>
  async (args, { mcpReq }) => {
    const response = inputResponse(mcpReq.inputResponses, 'asked');
    if (response.kind !== 'elicit') {
      const request = inputRequired.elicit(form(message(args), properties, required));
      return inputRequired({ inputRequests: { asked: request } });
    }
    return answer(text(`${prefix}: action=${response.action}, content=${json(response.content ?? {})}`));
  };

const nameForm = asked('What is your name?', 'name');
const rootsRequest = inputRequired.listRoots();

const questions: Readonly<Record<string, Run>> = {
  async test_sampling({ prompt = '' }, { mcpReq }) {
    const response = inputResponse(mcpReq.inputResponses, 'sampled');
    if (response.kind !== 'sampling') {
      return inputRequired({ inputRequests: { sampled: sampled(prompt, 100) } });
    }
    return answer(text(`LLM response: ${json(response.result.content)}`));
  },
  test_elicitation: elicited('User response', ({ message = '' }) => message, {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  }),
  test_elicitation_sep1034_defaults: elicited(
    'Elicitation completed',
    () => 'Please review',
    {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
    [],
  ),
  test_elicitation_sep1330_enums: elicited(
    'Elicitation completed',
    () => 'Please choose',
    {
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: {
        type: 'string',
        oneOf: ['First', 'Second', 'Third'].map((title, i) => ({
          const: `value${i + 1}`,
          title: `${title} Option`,
        })),
      },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
      titledMulti: {
        type: 'array',
        items: {
          anyOf: ['First', 'Second', 'Third'].map((title, i) => ({
            const: `value${i + 1}`,
            title: `${title} Choice`,
          })),
        },
      },
    },
    [],
  ),
  async test_streaming_elicitation(_args, { mcpReq }) {
    const found = acceptedContent(mcpReq.inputResponses, 'user_name');
    return found ? answer(text(json(found))) : inputRequired({ inputRequests: { user_name: nameForm } });
  },
  async test_missing_capability(_args, { mcpReq }) {
    const response = inputResponse(mcpReq.inputResponses, 'sampled');
    return response.kind === 'sampling'
      ? answer(text(json(response.result.content)))
      : inputRequired({ inputRequests: { sampled: sampled('Anything', 10) } });
  },
  test_input_required_result_elicitation: asking('user_name', nameForm, (response) => {
    const name = response.kind === 'elicit' ? response.content?.['name'] : undefined;
    return typeof name === 'string' ? `Hello, ${name}!` : undefined;
  }),
  test_input_required_result_sampling: asking(
    'capital_question',
    sampled('What is the capital of France?', 100),
    (response) => (response.kind === 'sampling' ? json(response.result.content) : undefined),
  ),
  test_input_required_result_list_roots: asking('client_roots', rootsRequest, (response) =>
    response.kind === 'roots' ? response.roots.map(({ uri }) => uri).join(', ') : undefined,
  ),
};

/** Tools whose state goes to the client and back, signed. */
const withState: Readonly<Record<string, Run>> = {
  async test_input_required_result_request_state(_args, ctx) {
    const { mcpReq } = ctx;
    if (mcpReq.requestState() !== undefined && acceptedContent(mcpReq.inputResponses, 'confirm')) {
      return answer(text('state-ok'));
    }
    return inputRequired({
      inputRequests: { confirm: asked('Please confirm', 'ok', 'boolean') },
      requestState: await codec.mint({ step: 'confirm' }, ctx),
    });
  },
  async test_input_required_result_tampered_state(_args, ctx) {
    const { mcpReq } = ctx;
    if (mcpReq.requestState() !== undefined) return answer(text('state-ok'));
    return inputRequired({
      inputRequests: { confirm: asked('Please confirm', 'ok', 'boolean') },
      requestState: await codec.mint({ step: 'confirm' }, ctx),
    });
  },
  async test_input_required_result_multiple_inputs(_args, ctx) {
    const { inputResponses } = ctx.mcpReq;
    const keys = ['user_name', 'greeting', 'client_roots'];
    if (keys.every((key) => inputResponse(inputResponses, key).kind !== 'missing')) {
      return answer(text(json(inputResponses)));
    }
    return inputRequired({
      inputRequests: {
        user_name: nameForm,
        greeting: sampled('Generate a greeting', 50),
        client_roots: rootsRequest,
      },
      requestState: await codec.mint({ step: 'inputs' }, ctx),
    });
  },
  async test_input_required_result_multi_round(_args, ctx) {
    const { mcpReq } = ctx;
    const step = (mcpReq.requestState<{ step: number }>()?.step ?? 0) + 1;
    if (step > 2) return answer(text(json(mcpReq.inputResponses)));
    const request =
      step === 1
        ? asked('Step 1: What is your name?', 'name')
        : asked('Step 2: What is your favorite color?', 'color');
    return inputRequired({
      inputRequests: { [`step${step}`]: request },
      requestState: await codec.mint({ step }, ctx),
    });
  },
};

function addTools(mcp: McpServer, publish: (event: ServerEvent) => void): void {
  const strings: Readonly<Record<string, string>> = { test_sampling: 'prompt', test_elicitation: 'message' };
  const named = { ...content, ...duringCalls, ...questions, ...withState };
  for (const [name, run] of Object.entries(named)) {
    const argument = strings[name];
    const inputSchema = z.object(argument === undefined ? {} : { [argument]: z.string() });
    mcp.registerTool(name, { description: `Shows what ${name} names.`, inputSchema }, ((
      args: Record<string, string>,
      ctx: ServerContext,
    ) => run(args, ctx)) as never);
  }
  mcp.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks what the client can.' },
    (async (ctx: ServerContext) => {
      const { inputResponses } = ctx.mcpReq;
      if (inputResponses !== undefined) return answer(text(json(inputResponses)));
      const { elicitation, sampling, roots } = capabilitiesOf(ctx, mcp.server);
      return inputRequired({
        inputRequests: {
          ...(elicitation && { user_name: nameForm }),
          ...(sampling && { greeting: sampled('Generate a greeting', 50) }),
          ...(roots && { client_roots: rootsRequest }),
        },
      });
    }) as never,
  );
  for (const list of ['tool', 'prompt'] as const) {
    const description = 'Says that a list has changed.';
    mcp.registerTool(`test_trigger_${list}_change`, { description }, async () => {
      publish({ kind: `${list}s_list_changed` });
      return answer(text('Said.'));
    });
  }
}

function addResources(mcp: McpServer): void {
  const fixed = (name: string, mimeType: string, value: { text: string } | { blob: string }): void => {
    const uri = `test://${name}`;
    mcp.registerResource(name, uri, { description: `The resource ${name}.`, mimeType }, async () => ({
      contents: [{ uri, mimeType, ...value }],
    }));
  };
  fixed('static-text', 'text/plain', { text: 'This is the content of the static text resource.' });
  fixed('static-binary', 'image/png', { blob: png });
  fixed('watched-resource', 'text/plain', { text: 'Watched.' });
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data by id.', mimeType: 'application/json' },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: json({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
  mcp.server.setRequestHandler('resources/subscribe', async () => ({}));
  mcp.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}

function addPrompts(mcp: McpServer): void {
  const said = (...contents: readonly object[]) =>
    ({ messages: contents.map((one) => ({ role: 'user', content: one })) }) as never;
  mcp.registerPrompt('test_simple_prompt', { description: 'Without arguments.' }, async () =>
    said(text('This is a simple prompt for testing.')),
  );
  const suggested = completable(z.string().describe('First test argument'), (value) =>
    ['paris', 'park', 'party'].filter((one) => one.startsWith(value)),
  );
  mcp.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'With arguments.',
      argsSchema: z.object({ arg1: suggested, arg2: z.string().describe('Second test argument') }),
    },
    async ({ arg1, arg2 }) => said(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  mcp.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource in it.', argsSchema: z.object({ resourceUri: z.string() }) },
    async ({ resourceUri }) =>
      said(
        {
          type: 'resource',
          resource: {
            uri: resourceUri,
            mimeType: 'text/plain',
            text: 'Embedded resource content for testing.',
          },
        },
        text('Please process the embedded resource above.'),
      ),
  );
  mcp.registerPrompt('test_prompt_with_image', { description: 'With an image in it.' }, async () =>
    said(image, text('Please analyze the image above.')),
  );
  mcp.registerPrompt('test_input_required_result_prompt', { description: 'Asks first.' }, (async ({
    mcpReq,
  }: ServerContext) => {
    const found = acceptedContent(mcpReq.inputResponses, 'user_context');
    if (found) return said(text(json(found)));
    const request = asked('What context should the prompt use?', 'context');
    return inputRequired({ inputRequests: { user_context: request } });
  }) as never);
}

/** @param publish says to all that listen what has changed */
export function createFixtureServer(publish: (event: ServerEvent) => void): Server {
  const capabilities = {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    completions: {},
    logging: {},
  };
  const mcp = new McpServer(
    { name: 'conformance-fixtures', version: '1.0.0' },
    { capabilities, requestState: { verify: codec.verify } },
  );
  addTools(mcp, publish);
  addResources(mcp);
  addPrompts(mcp);
  return mcp.server;
}
