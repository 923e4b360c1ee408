import { badInput, HydrogenError } from '../errors.ts';
import { parseExactJson } from '../mql/formats.ts';

/**
 * @param example of what can be given
 * @throws HydrogenError `bad_input` naming what is not JSON.
 */
export function jsonArgument(name: string, text: string, example = '{"field":"value"}'): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof HydrogenError) throw badInput(`${name}: ${error.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(
      `${name} is not valid JSON: ${reason}. Write ${example}, in quotation marks of the shell.`,
    );
  }
}

/** @throws HydrogenError `bad_input` for text that is not a whole number. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw badInput(`${name} must be a whole number, not "${text}".`);
  return Number(text);
}
