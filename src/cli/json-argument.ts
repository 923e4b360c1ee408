import { readFile } from 'node:fs/promises';
import { fromHome } from '../config/home-folder.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { fileTrouble } from '../file-errors.ts';
import { parseExactJson } from '../mql/formats.ts';
import { decodeText } from '../workflows/definitions/text.ts';

// Shells differ in what they leave of quotation marks (Windows PowerShell takes them away), so JSON may also come from
// where no shell sees it. No JSON begins with "@", or is "-".

/** For `--help` of what takes JSON. */
export const jsonHelp = `
Where JSON is asked for, @FILE takes it from a file and - from stdin: shells differ in what they leave of quotation
marks (PowerShell before 7.3 takes them away).`;

let takenBy: string | undefined;

/** Stdin can be read once. */
async function fromStdin(name: string): Promise<Buffer> {
  if (takenBy !== undefined)
    throw badInput(`${name}: stdin has already been read for ${takenBy}. Give one of them as @FILE.`);
  if (process.stdin.isTTY)
    throw badInput(`${name}: "-" reads JSON from stdin, and nothing is piped into it. Give @FILE instead.`);
  takenBy = name;
  // Servers do not need it.
  const { buffer } = await import('node:stream/consumers');
  return buffer(process.stdin);
}

async function fromFile(name: string, path: string): Promise<Buffer> {
  if (path === '') throw badInput(`${name}: "@" needs the name of a file after it.`);
  try {
    return await readFile(fromHome(path));
  } catch (cause) {
    const { reason } = fileTrouble(cause) ?? { reason: 'it cannot be read' };
    throw badInput(`${name}: the file "${path}" cannot be read: ${reason}.`, { cause });
  }
}

/** The JSON that is meant, and where it stands, for sentences. */
async function textOf(name: string, given: string): Promise<readonly [text: string, where: string]> {
  const isStdin = given === '-';
  if (!isStdin && !given.startsWith('@')) return [given, name];
  const where = isStdin ? `${name} (stdin)` : `${name} (${given})`;
  const text = decodeText(isStdin ? await fromStdin(name) : await fromFile(name, given.slice(1)));
  if (text !== undefined) return [text, where];
  throw badInput(`${where} is not text: save it in UTF-8.`);
}

/**
 * @param given JSON, `@FILE` for a file with it, or `-` for stdin
 * @param example of what can be given
 * @throws HydrogenError `bad_input` naming what is not JSON, or cannot be read.
 */
export async function jsonArgument(
  name: string,
  given: string,
  example = '{"field":"value"}',
): Promise<unknown> {
  const [text, where] = await textOf(name, given);
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof HydrogenError) throw badInput(`${where}: ${error.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      where === name
        ? `Write ${example}, in quotation marks of the shell; where the shell takes inner ones away, put it into a file and give @FILE.`
        : `It should be as ${example}.`;
    throw badInput(`${where} is not valid JSON: ${reason}. ${advice}`);
  }
}
