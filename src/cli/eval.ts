import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import { readText } from '../config/read-text.ts';
import { badInput } from '../errors.ts';
import { fileTrouble } from '../file-errors.ts';
import {
  type Evaluation,
  evaluate,
  type JudgedQuestion,
  searchModes,
} from '../library/searching/evaluate.ts';
import type { SearchMode } from '../library/types.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';

interface Line {
  readonly query: string;
  readonly expect: readonly string[];
}

function isLine(value: unknown): value is Line {
  if (typeof value !== 'object' || value === null) return false;
  const { query, expect } = value as Partial<Line>;
  return typeof query === 'string' && Array.isArray(expect) && expect.every((one) => typeof one === 'string');
}

/** @throws HydrogenError `bad_input` naming the line that is not a question. */
function questionsIn(text: string): JudgedQuestion[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (!isLine(value)) {
      throw badInput(
        `Line ${i + 1} is not like {"query": "why do pipes crack", "expect": ["docs/pipes.md"]}.`,
      );
    }
    return [{ query: value.query, relevant: new Map(value.expect.map((id) => [id, 1])) }];
  });
}

/** Names expected documents that do not exist: their questions cannot succeed. */
async function noteMissing(
  questions: readonly JudgedQuestion[],
  { library }: App,
  call: Call,
): Promise<void> {
  for (const id of new Set(questions.flatMap(({ relevant }) => [...relevant.keys()]))) {
    const { documents } = await library.list({ within: id, limit: 1 }, call);
    if (documents[0]?.id !== id) note(`there is no document "${id}"`);
  }
}

/** Largest file of questions, bytes: about a million of them. */
const maxBytes = 100_000_000;

function textOf(file: string): string {
  try {
    return readText(file, maxBytes);
  } catch (cause) {
    const other = cause instanceof Error ? `it is ${cause.message}` : '';
    const reason = fileTrouble(cause)?.reason ?? other;
    throw badInput(`"${file}" cannot be read: ${reason}. Give a file, one question per line.`, { cause });
  }
}

async function run(file: string, command: Command): Promise<void> {
  const questions = questionsIn(textOf(file));
  if (questions.length === 0) throw badInput(`"${file}" holds no questions.`);
  const results = await runCommand(command, 'Evaluating', 'read', async (app, call) => {
    await noteMissing(questions, app, call);
    const { model } = await app.library.status(call);
    const modes = model.state === 'off' ? (['keyword'] as const) : searchModes;
    const found: [SearchMode, Evaluation][] = [];
    for (const mode of modes)
      found.push([mode, await evaluate(app.library, questions, mode, (id) => id, call)]);
    return found;
  });
  if (wantsJson(command)) {
    write(JSON.stringify(Object.fromEntries(results)));
    return;
  }
  write(`${plural(questions.length, 'question')}   nDCG@10  recall@100  MRR@10`);
  for (const [mode, { ndcg10, recall100, mrr10 }] of results) {
    write(`${mode.padEnd(12)}  ${ndcg10.toFixed(3)}    ${recall100.toFixed(3)}       ${mrr10.toFixed(3)}`);
  }
  const [mode, last] = results.at(-1) ?? [];
  for (const query of last?.missed ?? []) note(`not among the first 10 (${mode}): ${query}`);
}

export function registerEval(program: Command): void {
  program
    .command('eval')
    .description('how well search answers your own questions')
    .argument('<file>', 'JSON lines of {"query": "…", "expect": ["document id", …]}')
    .action((file: string, _options, command: Command) => run(file, command));
}
