import { badInput, HydrogenError } from '../errors.ts';
import { parseExactJson } from '../mql/formats.ts';

/** @throws HydrogenError `bad_input` naming what is not JSON. */
export function jsonArgument(name: string, text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof HydrogenError) throw badInput(`${name}: ${error.message}`);
    throw badInput(`${name} is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** @throws HydrogenError `bad_input` for text that is not a whole number. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw badInput(`${name} must be a whole number, 0 or more, not "${text}".`);
  return Number(text);
}
