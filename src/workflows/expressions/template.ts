import { bareExpression, enclosedExpression, parseExpression, type RuntimeExpression } from './expression.ts';

/** A JSON value in which every string `${ … }` is a placeholder for the value of its expression. */
export interface Template {
  readonly expressions: readonly RuntimeExpression[];
  /** The value with the expressions replaced by `values`, given in the same order. */
  fill(values: readonly unknown[]): unknown;
}

function mapStrings(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  // Not by assignment: a key `__proto__` is ordinary data.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, replace)]));
}

export function parseTemplate(value: unknown): Template {
  const expressions: RuntimeExpression[] = [];
  mapStrings(value, (text) => {
    const source = enclosedExpression(text);
    if (source !== undefined) expressions.push(parseExpression(source));
    return text;
  });
  return {
    expressions,
    fill(values) {
      let next = 0;
      return mapStrings(value, (text) => (enclosedExpression(text) === undefined ? text : values[next++]));
    },
  };
}

/** `from` and `as`: a string is an expression even without `${ }`; an object is a template. */
export function parseTransform(value: unknown): Template {
  if (typeof value !== 'string') return parseTemplate(value);
  return { expressions: [parseExpression(bareExpression(value))], fill: ([result]) => result };
}
