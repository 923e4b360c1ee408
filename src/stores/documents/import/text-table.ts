import { badInput } from '../../../errors.ts';
import { fittingDelimiter, sampleRows, sniffDialect } from '../../../tables/dialect.ts';
import {
  createUtf8Tally,
  guessEncoding,
  hasControls,
  isDamagedUtf8,
  knownEncoding,
  shownEncoding,
} from '../../../tables/encoding.ts';
import { createRowReader, type TextRow } from '../../../tables/rows.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Table, TableOptions, TableRow } from './table.ts';

/** How the text of a file is encoded. */
interface Encoding {
  readonly name: string;
  /** Bytes that are not of it become `�`, since some certainly are not. */
  readonly isLenient: boolean;
  readonly note?: string;
}

/** The beginning of a file, and whether that is all of it. */
async function beginningOf(bytes: FileBytes): Promise<{ readonly start: Buffer; readonly isWhole: boolean }> {
  let start: Buffer | undefined;
  for await (const chunk of bytes.read()) {
    if (start !== undefined) return { start, isWhole: false };
    start = chunk;
  }
  return { start: start ?? Buffer.alloc(0), isWhole: true };
}

/** Text in chunks. @throws TypeError for bytes that are not of the encoding, unless it is lenient. */
async function* textOf(bytes: FileBytes, { name, isLenient }: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(name, { fatal: !isLenient });
  for await (const chunk of bytes.read()) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The first line with bytes that are not of the encoding, or nothing. */
async function badLine(bytes: FileBytes, encoding: Encoding): Promise<number | undefined> {
  let line = 1;
  for await (const text of textOf(bytes, { ...encoding, isLenient: true })) {
    const bad = text.indexOf('\ufffd');
    line += text.slice(0, bad < 0 ? undefined : bad).split('\n').length - 1;
    if (bad >= 0) return line;
  }
  return undefined;
}

const isUndecodable = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';

/** Whether all bytes are of the encoding. */
async function fits(bytes: FileBytes, encoding: Encoding): Promise<boolean> {
  try {
    for await (const _text of textOf(bytes, encoding));
    return true;
  } catch (error) {
    if (isUndecodable(error)) return false;
    throw error;
  }
}

/** The first word of a text with a letter that is not ASCII, or another such character: it shows whether a guess is right. */
function specialWord(text: string): string | undefined {
  const word = /\p{L}{0,20}(?![A-Za-z])\p{L}{1,20}/u.exec(text)?.[0];
  return word ?? /[^ -~\s]/.exec(text)?.[0];
}

/** @param isMarked it begins as UTF-8 does */
async function guessed(bytes: FileBytes, isMarked: boolean): Promise<Encoding> {
  const tally = createUtf8Tally();
  for await (const chunk of bytes.read()) tally.add(chunk);
  tally.end();
  if (isMarked || isDamagedUtf8(tally)) {
    const line = (await badLine(bytes, { name: 'utf-8', isLenient: true })) ?? 1;
    const count = tally.invalid === 1 ? '1 byte is' : `${tally.invalid.toLocaleString('en')} bytes are`;
    const note = `${count} not UTF-8 and read as �, first in line ${line.toLocaleString('en')}`;
    return { name: 'utf-8', isLenient: true, note: `${note} (another encoding is set with --encoding)` };
  }
  const name = guessEncoding(tally.sample()) ?? 'windows-1252';
  const shown = name.replace(/^windows/, 'Windows').replace(/^iso/, 'ISO');
  const word = specialWord(new TextDecoder(name).decode(tally.sample()));
  const such = word === undefined ? '' : `, e.g. "${word}"`;
  return { name, isLenient: true, note: `read as ${shown}${such}; --encoding says otherwise` };
}

/** @throws HydrogenError `bad_input` for an encoding that is not known, or is not that of the file. */
async function requestedEncoding(bytes: FileBytes, requested: string): Promise<Encoding> {
  const name = knownEncoding(requested);
  if (name === undefined) {
    const known = 'utf-8, utf-16le, windows-1252, iso-8859-2, macintosh, shift_jis, gb18030, koi8-r';
    throw badInput(`"${requested}" is not a known encoding; some are ${known}.`);
  }
  const encoding = { name, isLenient: false };
  if (await fits(bytes, encoding)) return encoding;
  const line = ((await badLine(bytes, encoding)) ?? 1).toLocaleString('en');
  throw badInput(`Line ${line} is not ${name} text: leave out --encoding, or set another.`);
}

/** @throws HydrogenError `bad_input` for content that only has the name of a table. */
function checkContent(start: Buffer): void {
  if (start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) {
    throw badInput(
      'The file is a ZIP archive, as .xlsx and .ods files are, not text: give it the ending that fits.',
    );
  }
  const text = start.toString('latin1', 0, 65_536);
  if (/^\W*<(!doctype html|html)\b/i.test(text)) {
    throw badInput(
      'Line 1 begins an HTML page, not a table: save the data itself, not the page that shows it.',
    );
  }
  if (shownEncoding(start)?.startsWith('utf-16')) return;
  const nul = start.indexOf(0);
  if (nul < 0 && !hasControls(text.replace(/[\x80-\x9f]/g, ''))) return;
  const line = start.toString('latin1', 0, Math.max(nul, 0)).split('\n').length;
  throw badInput(`Line ${line.toLocaleString('en')} is not text: it holds NUL or control characters.`);
}

const rowOf = ({ cells, lines, stray }: TextRow): TableRow => ({
  cells,
  at: lines[0],
  ...(stray !== undefined && { stray }),
});

/** @throws HydrogenError `bad_input` for a delimiter that cannot be one. */
function delimiterOf(requested: string | undefined): string | undefined {
  if (requested === undefined) return undefined;
  if (/^(\\t|tab)$/i.test(requested)) return '\t';
  if (requested.length === 1 && !/["\r\n]/.test(requested)) return requested;
  throw badInput(`--delimiter takes one character, such as ";", or "tab", not "${requested}".`);
}

/**
 * What to say of a delimiter that stands nowhere, where another divides all rows.
 * @throws HydrogenError `bad_input` for one that divides some of them, but not the first
 */
function checkDelimiter(sample: string, isWhole: boolean, told: string): string | undefined {
  const { other, dividesLater } = fittingDelimiter(sample, isWhole, told) ?? {};
  if (other === undefined) return undefined;
  const name = other === '\t' ? '"tab"' : `"${other}"`;
  if (!dividesLater) return `one column, as --delimiter says: ${name} would divide every row`;
  throw badInput(`The file looks like it is separated by ${name}: leave --delimiter out, or give ${name}.`);
}

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};

interface Beginning {
  readonly start: Buffer;
  readonly isWhole: boolean;
  /** What the ending of the file's name says. */
  readonly usual: '\t' | ',';
}

async function openTable(
  bytes: FileBytes,
  encoding: Encoding,
  { start, isWhole, usual }: Beginning,
  requested: string | undefined,
): Promise<Table> {
  // A piece may end inside a character.
  const first = new TextDecoder(encoding.name).decode(start, { stream: !isWhole });
  const { dialect, begin } = sniffDialect(first, isWhole, usual, requested);
  const firstLine = begin > 0 ? 2 : 1;
  const doubt = requested === undefined ? undefined : checkDelimiter(first.slice(begin), isWhole, requested);

  async function* rows(): AsyncGenerator<readonly TableRow[]> {
    const reader = createRowReader(dialect, firstLine);
    let left = begin;
    let held = '';
    for await (const text of textOf(bytes, encoding)) {
      // One piece is held back, so that the last one is known.
      if (held !== '') for (const part of reader.read(held, false)) yield part.map(rowOf);
      held = text.slice(left);
      left = Math.max(0, left - text.length);
    }
    for (const part of reader.read(held, true)) yield part.map(rowOf);
  }

  const { delimiter } = dialect;
  const written = `cells are separated by ${delimiterNames[delimiter] ?? `"${delimiter}"`}`;
  return {
    unit: 'line',
    isTyped: false,
    sample: sampleRows(first.slice(begin), isWhole, dialect, firstLine).map(rowOf),
    rows,
    notes: [
      ...(encoding.note === undefined ? [] : [encoding.note]),
      ...(doubt === undefined ? [] : [doubt]),
      ...(delimiter !== usual && requested === undefined ? [written] : []),
    ],
  };
}

/**
 * Reads a text file with delimiters. Its encoding and dialect are found, unless they are told: it is taken for UTF-8
 * until a byte shows that it is not, and is then read again.
 * @param isTsv by the ending of its name
 * @param use reads it to the end
 * @throws HydrogenError `bad_input` for what is not text, with the line
 */
export async function withTextTable<T>(
  bytes: FileBytes,
  isTsv: boolean,
  options: TableOptions,
  use: (table: Table) => Promise<T>,
): Promise<T> {
  const beginning: Beginning = { ...(await beginningOf(bytes)), usual: isTsv ? '\t' : ',' };
  checkContent(beginning.start);
  const delimiter = delimiterOf(options.delimiter);
  const read = async (encoding: Encoding) => use(await openTable(bytes, encoding, beginning, delimiter));
  if (options.encoding !== undefined) return read(await requestedEncoding(bytes, options.encoding));
  const shown = shownEncoding(beginning.start);
  if (shown?.startsWith('utf-16')) return read({ name: shown, isLenient: true });
  try {
    return await read({ name: 'utf-8', isLenient: false });
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    return read(await guessed(bytes, shown === 'utf-8'));
  }
}

/** A file as UTF-8: one in UTF-16, or in the encoding that is told. */
export async function inUtf8(bytes: FileBytes, requested: string | undefined): Promise<FileBytes> {
  let encoding: Encoding | undefined;
  if (requested !== undefined) encoding = await requestedEncoding(bytes, requested);
  else {
    const shown = shownEncoding((await beginningOf(bytes)).start);
    if (shown?.startsWith('utf-16')) encoding = { name: shown, isLenient: true };
  }
  if (encoding === undefined || encoding.name === 'utf-8') return bytes;
  const { name } = encoding;
  return {
    ...bytes,
    async *read() {
      for await (const text of textOf(bytes, { name, isLenient: true })) yield Buffer.from(text);
    },
  };
}
