import { parseExactJson } from '../../mql/formats.ts';

/** A compiled runtime expression: literals and paths are evaluated in JavaScript, without jq. */
export type RuntimeExpression =
  | { readonly kind: 'literal'; readonly source: string; readonly value: unknown }
  | {
      readonly kind: 'path';
      readonly source: string;
      /** The variable that the path starts from; the data (`.`) when absent. */
      readonly variable?: string;
      readonly steps: readonly (string | number)[];
    }
  | { readonly kind: 'jq'; readonly source: string; readonly variables: readonly string[] };

const enclosed = /^\s*\$\{([\s\S]*)\}\s*$/;

/** The body of a string that is entirely a runtime expression, `${ … }`; otherwise undefined. */
export function enclosedExpression(text: string): string | undefined {
  return enclosed.exec(text)?.[1]?.trim();
}

/** Where the DSL only accepts an expression, the enclosing `${ }` may be omitted. */
export function bareExpression(text: string): string {
  return enclosedExpression(text) ?? text.trim();
}

const literal = /^(?:null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?|"[^"\\\p{Cc}]*")$/u;
const head = /^(?:\$(?<variable>[A-Za-z_]\w*)|(?=\.))/;
const step = /^(?:\.(?<field>[A-Za-z_]\w*)|\.?\["(?<key>[^"\\\p{Cc}]*)"\]|\.?\[(?<index>-?\d{1,9})\])/u;

/** A path of fields and indexes from `.` or a variable, in the forms that jq interprets the same way. */
function parsePath(source: string): RuntimeExpression | undefined {
  if (source === '.') return { kind: 'path', source, steps: [] };
  const start = head.exec(source);
  if (!start) return undefined;
  const variable = start.groups?.['variable'];
  if (variable === 'ENV' || variable === '__loc__') return undefined;
  let rest = source.slice(start[0].length);
  // `.[0]` indexes the data, while `$x.[0]` and a later `.[` are left to jq.
  const steps: (string | number)[] = [];
  for (let found = step.exec(rest); found; found = step.exec(rest)) {
    const { field, key, index } = found.groups ?? {};
    if (variable === undefined && steps.length === 0 && !found[0].startsWith('.')) return undefined;
    if ((variable !== undefined || steps.length > 0) && found[0].startsWith('.[')) return undefined;
    steps.push(field ?? key ?? Number(index));
    rest = rest.slice(found[0].length);
  }
  if (rest !== '') return undefined;
  return { kind: 'path', source, steps, ...(variable !== undefined && { variable }) };
}

const variableName = /\$(?!__loc__)([A-Za-z_]\w*)/g;

/** The variables that a program may read; a superset, since names inside strings count too. */
function variablesOf(source: string): string[] {
  return [...new Set([...source.matchAll(variableName)].map((match) => match[1] ?? ''))];
}

export function parseExpression(source: string): RuntimeExpression {
  if (literal.test(source)) return { kind: 'literal', source, value: parseExactJson(source) };
  return parsePath(source) ?? { kind: 'jq', source, variables: variablesOf(source) };
}
