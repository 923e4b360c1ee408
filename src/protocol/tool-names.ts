import { tools } from '../tools/tools.ts';

// With a prefix (`toolPrefix`) clients know the tools by other names. Our own texts name them as everywhere else: names of
// several words as they are, those of one word in backticks or as "the search tool". Here, at the door, they get the
// prefix; what is data passes as it is.

const all = tools.map(({ name }) => name).join('|');
const several = tools.flatMap(({ name }) => (name.includes('_') ? [name] : [])).join('|');
const named = new RegExp(
  `(?<![\\w"./-])(?:${several})(?![\\w"-])|(?<=\`)(?:${all})(?=\`)|(?<=[Tt]he )(?:${all})(?= tool\\b)|(?<=[Tt]he tool ")(?:${all})(?=")`,
  'g',
);

/** A text of ours with the names that clients know. */
export function withToolPrefix(text: string, prefix: string): string {
  return prefix === '' ? text : text.replace(named, (name) => prefix + name);
}

/** The same in the descriptions of a JSON Schema. */
export function describedWithPrefix<Schema>(schema: Schema, prefix: string): Schema {
  if (prefix === '') return schema;
  const write = (key: string, value: unknown): unknown =>
    key === 'description' && typeof value === 'string' ? withToolPrefix(value, prefix) : value;
  return JSON.parse(JSON.stringify(schema, write)) as Schema;
}

type Json = Readonly<Record<string, unknown>>;

/** The members of an answer that are our own words: a summary, a note, and what health says of a part. */
const words = ['summary', 'note', 'detail', 'action'];

function wordsWithPrefix(part: Json, prefix: string): Json {
  const entries = Object.entries(part).map(([key, value]) => [
    key,
    words.includes(key) && typeof value === 'string' ? withToolPrefix(value, prefix) : value,
  ]);
  return Object.fromEntries(entries) as Json;
}

/** An answer whose own words, not its data, have the names that clients know. */
export function answerWithPrefix<Answer extends object>(answer: Answer, prefix: string): Answer {
  if (prefix === '') return answer;
  const made = wordsWithPrefix(answer as Json, prefix);
  const { parts } = made;
  const isReport = Array.isArray(parts);
  return {
    ...made,
    ...(isReport && { parts: parts.map((part) => wordsWithPrefix(part, prefix)) }),
  } as Answer;
}
