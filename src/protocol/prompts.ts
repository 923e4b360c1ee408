import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { badInput } from '../errors.ts';
import type { Prompt } from '../prompts/define.ts';
import { prompts } from '../prompts/prompts.ts';
import { allOffered, answer, answerList, refuse, type Serving } from './serving.ts';
import { withToolPrefix } from './tool-names.ts';

function listed({ name, title, description, arguments: args }: Prompt, toolPrefix: string) {
  return {
    name,
    title,
    description: withToolPrefix(description, toolPrefix),
    arguments: args.map((argument) => ({
      name: argument.name,
      description: argument.description,
      required: true,
    })),
  };
}

const maxNameLength = 200;

/** @throws HydrogenError `bad_input` naming the missing or unknown argument. */
function valuesOf(prompt: Prompt, given: Readonly<Record<string, string>>): Record<string, string> {
  const names = prompt.arguments.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw badInput(
      `${prompt.name}: unknown argument "${unknown.slice(0, maxNameLength)}": the arguments are ${names.join(', ')}.`,
    );
  }
  return Object.fromEntries(
    prompt.arguments.map(({ name }) => {
      const value = given[name];
      if (value === undefined) throw badInput(`${prompt.name}: argument "${name}" is missing.`);
      return [name, value];
    }),
  );
}

export function promptNotFound(name: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Prompt ${name} not found`);
}

export function servePrompts(serving: Serving): void {
  const { server } = serving;
  const { toolPrefix } = serving.app.config;
  server.setRequestHandler('prompts/list', ({ params }, ctx) =>
    answerList(serving, ctx, 'prompt', params, () => ({
      prompts: prompts
        .filter(({ needs }) => allOffered(serving, needs))
        .map((prompt) => listed(prompt, toolPrefix)),
    })),
  );
  server.setRequestHandler('prompts/get', ({ params: { name, arguments: given = {} } }, ctx) => {
    const prompt = prompts.find((one) => one.name === name);
    const needs = prompt?.needs ?? [];
    const request = { kind: 'prompt', action: 'get', name, needs, arguments: given } as const;
    if (!prompt || !allOffered(serving, prompt.needs)) {
      return refuse(serving, ctx, request, promptNotFound(name));
    }
    return answer(serving, ctx, { ...request, operation: 'read' }, async () => {
      const text = withToolPrefix(prompt.text(valuesOf(prompt, given), serving.app), toolPrefix);
      return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
    });
  });
}
