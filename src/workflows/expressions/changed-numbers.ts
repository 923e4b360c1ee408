import { parseJsonNumbers } from '../../mql/formats.ts';

/** What a jq program is made of, as far as it has digits: text, comments, names, and numbers. */
const tokens =
  /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|#.*|[$.]?[A-Za-z_]\w*|(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/g;

/** Whether the double is another number than the one that is written; jq and JSON write doubles in their shortest form. */
function isChanged(source: string): boolean {
  const value = Number(source);
  if (!Number.isFinite(value)) return true;
  if (!/^-?\d+$/.test(source) || Number.isSafeInteger(value)) return false;
  return String(value) !== source && BigInt(value) !== BigInt(source);
}

/** The first number in a jq program that a double cannot hold. Those in text with `\(…)` in it are not looked for. */
export function changedNumber(program: string): string | undefined {
  for (const { groups } of program.matchAll(tokens)) {
    const number = groups?.['number'];
    if (number !== undefined && isChanged(number)) return number;
  }
  return undefined;
}

/**
 * Reads what jq has written.
 * @param refuse makes the error for a number that would be changed
 */
export function readJqOutput(json: string, refuse: (source: string) => Error): unknown {
  if (!/\d{16}/.test(json)) return JSON.parse(json);
  return parseJsonNumbers(json, (source) => {
    if (isChanged(source)) throw refuse(source);
    return Number(source);
  });
}
