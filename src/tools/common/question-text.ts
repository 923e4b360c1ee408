import { stringifyExtendedJson } from '../../mql/formats.ts';

/** Characters of one value in a question. */
const maxLength = 400;

/** Escapes characters that could hide or reverse the rest of the text. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** A value on one line; truncation is stated. */
function clipped(value: unknown): string {
  const text = visible(stringifyExtendedJson(value, { relaxed: true }));
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)} … (${(text.length - maxLength).toLocaleString('en')} more characters)`;
}

/** A name in quotes. */
export function quoted(name: string): string {
  return clipped(name);
}

export interface QuestionParts {
  /** What would happen to how many, ending with a question mark. */
  readonly title: string;
  /** Arguments that give the details, by name. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Documents as they are now. */
  readonly examples: readonly unknown[];
  /** Number of documents, including the examples. */
  readonly matched: number;
}

/** The question to a person. Document text is data: it cannot start a line of its own. */
export function questionText({ title, details, examples, matched }: QuestionParts): string {
  const lines = Object.entries(details).map(([name, value]) => `${name}: ${clipped(value)}`);
  const shown = examples.map((example) => `- ${clipped(example)}`);
  const all = matched === 1 ? 'As it is now' : 'As they are now';
  const some = `${examples.length} of the ${matched.toLocaleString('en')}, as they are now`;
  const head = matched > examples.length ? some : all;
  return [title, ...lines, ...(shown.length > 0 ? [`${head}:`, ...shown] : [])].join('\n');
}
