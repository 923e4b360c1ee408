import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Call } from '../call.ts';
import type { Config } from '../config.ts';
import { forCaller } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import { annotations, isGranted } from '../policy/permissions.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import type { Tool } from '../tools/common/define.ts';
import { executeTool } from '../tools/common/execute.ts';
import { renderAnswer } from '../tools/common/render.ts';
import { tools } from '../tools/tools.ts';
import { answerBytes } from './answer-bytes.ts';
import { protocolAsking, questionResult } from './asking.ts';
import { withProtocolCall } from './call.ts';
import { allOffered, answerList, refuse, type ServerApp, type Serving } from './serving.ts';
import { takeToken, tokenQuestion, withConfirmer, withTokenArgument } from './tokens.ts';
import { answerWithPrefix, describedWithPrefix, withToolPrefix } from './tool-names.ts';
import { toolSchema } from './tool-schema.ts';

/** @param hidden arguments to omit */
function listed(tool: Tool, hidden: readonly string[], config: Config) {
  const { name, title, description, operation, input, output } = tool;
  const { toolPrefix: prefix } = config;
  const schema = withTokenArgument(toolSchema(input, 'input', hidden), tool, config);
  return {
    name: prefix + name,
    title,
    description: withToolPrefix(withConfirmer(description, config), prefix),
    inputSchema: describedWithPrefix(schema, prefix),
    annotations: annotations[operation],
    ...(output && { outputSchema: toolSchema(output, 'output') }),
  };
}

async function answerOf(
  tool: Tool,
  args: unknown,
  app: ServerApp,
  call: Call,
): Promise<CallToolResult | InputRequiredResult> {
  const { maxAnswerBytes, confirmTimeoutMs, toolPrefix: prefix } = app.config;
  try {
    const answer = await executeTool(tool, args, app, call, 'as meant');
    const rendered = { ...renderAnswer(answerWithPrefix(answer, prefix), maxAnswerBytes) };
    app.sent?.(tool.operation, call.caller, answerBytes(rendered));
    return rendered;
  } catch (error) {
    if (error instanceof QuestionPending) {
      if (!call.asking?.byToken) return questionResult(error.question);
      // An error in form only: an answer would have to be what the tool gives when it is done.
      const text = tokenQuestion(prefix + tool.name, error.question, confirmTimeoutMs);
      return { content: [{ type: 'text', text }], isError: true };
    }
    if (!(error instanceof HydrogenError))
      app.log.error({ err: error, tool: tool.name }, 'answer not rendered');
    const { message } = forCaller(error, call);
    // Errors about arguments begin with the name.
    const shown = withToolPrefix(message, prefix);
    const text = shown.startsWith(`${tool.name}: `) ? prefix + shown : shown;
    return { content: [{ type: 'text', text }], isError: true };
  }
}

function run(
  tool: Tool,
  given: unknown,
  { server, app, caller, addressOf }: Serving,
  ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const person = protocolAsking(ctx, server);
  const { args, asking } = takeToken(tool, given, person, app.config);
  return withProtocolCall(ctx, server, caller, app.log, (call) =>
    answerOf(tool, args, app, { ...call, ...(asking && { asking }), ...(addressOf && { addressOf }) }),
  );
}

export function serveTools(serving: Serving): void {
  const { server } = serving;
  server.setRequestHandler('tools/list', ({ params }, ctx) =>
    answerList(serving, ctx, 'tool', params, () => {
      const { connections, config } = serving.app;
      // With only one connection, a model has nothing to choose.
      const hidden = connections.all.length > 1 ? [] : ['connection'];
      return {
        tools: tools
          .filter((tool) => allOffered(serving, [tool]))
          .map((tool) => listed(tool, hidden, config)),
      };
    }),
  );
  server.setRequestHandler('tools/call', ({ params: { name, arguments: args } }, ctx) => {
    const { config } = serving.app;
    const tool = tools.find((one) => config.toolPrefix + one.name === name);
    // One that is switched off answers with the setting; one that the caller may not use does not exist.
    if (tool && isGranted(tool, config, serving.caller)) return run(tool, args, serving, ctx);
    const error = new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${name} not found`);
    return refuse(
      serving,
      ctx,
      { kind: 'tool', action: 'call', name, needs: tool ? [tool] : [], arguments: args },
      error,
    );
  });
}
