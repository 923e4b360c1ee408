import { planted } from './server.ts';

/** An answer as it came: the JSON of a result or an error. */
export interface GivenAnswer {
  readonly text: string;
  /** Whether there was an answer at all. */
  readonly isAnswer: boolean;
}

interface Parsed {
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text?: string }[] };
}

/** The JSON in an answer, which may be a stream of events. */
function parsed(text: string): Parsed | undefined {
  const data = text.startsWith('{')
    ? text
    : text
        .split('\n')
        .findLast((line) => line.startsWith('data: {'))
        ?.slice(6);
  try {
    return data === undefined ? undefined : (JSON.parse(data) as Parsed);
  } catch {
    return undefined;
  }
}

/** What the standard has us say of an unknown name. */
const standardWords =
  /^Method not found$|^(?:Tool|Resource|Prompt|Resource template|Resource URI) .*(?:not found|is invalid)/s;
const stack = /\n\s+at |node:internal|node_modules|\.ts:\d|\.js:\d/;
/** It names a part of the call, or says what to do. */
const naming =
  /["`'$]|argument|cursor|\bkey\b|index|_id|documents|BSON|query|pipeline|filter|export|schema|database|caller|fields|roles|rules|hydrogen/i;

/** What is wrong with the words of an error; undefined where it is as it should be. */
function faultOfWords(message: string): string | undefined {
  if (message.trim() === '') return 'an error without words';
  if (stack.test(message)) return 'an error with a part of the program';
  if (standardWords.test(message)) return undefined;
  if (/undefined|\[object |\bNaN\b/.test(message.replaceAll(/"[^"]*"/g, '')))
    return 'an error that shows the program';
  if (!/[.?!)]$/.test(message.trim())) return 'an error that is no sentence';
  if (!naming.test(message)) return 'an error that does not say of what';
  return undefined;
}

/**
 * What is wrong with an answer; undefined where it is as it should be.
 * @param sent JSON of the call, which may be repeated
 */
export function faultOf(
  sent: string,
  { text, isAnswer }: GivenAnswer,
  paths: readonly string[],
): string | undefined {
  if (!isAnswer) return 'no answer';
  if (planted.test(text)) return 'a leak';
  if (paths.some((path) => text.includes(path) && !sent.includes(path))) return 'a path of the server';
  const answer = parsed(text);
  if (answer === undefined) return 'no JSON';
  if (answer.error) {
    if (typeof answer.error.code !== 'number') return 'an error without a code';
    return faultOfWords(String(answer.error.message ?? ''));
  }
  if (answer.result?.isError) return faultOfWords(answer.result.content?.[0]?.text ?? '');
  return undefined;
}
