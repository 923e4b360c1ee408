// Which lines of Markdown mean what they say: in code and in blocks of HTML, signs are signs.

/** Lines that are no Markdown: `to` is the line after the last. */
interface Verbatim {
  readonly kind: 'code' | 'html';
  readonly to: number;
}

/** By line, what it belongs to. */
export type VerbatimLines = readonly (Verbatim | undefined)[];

const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** Blocks of HTML that end where they say so, not at a blank line (CommonMark 0.31, 4.6), and comments of MDX. */
const htmlBlocks: readonly (readonly [begin: RegExp, end: RegExp])[] = [
  [/^\s*(?:[-*+>]\s*)*<!(?=--)/, /-->/],
  [/^ {0,3}<(pre|script|style|textarea)(?=[\s>]|$)/i, /<\/(pre|script|style|textarea)>/i],
  [/^ {0,3}<\?/, /\?>/],
  [/^ {0,3}<![a-z]/i, />/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
  [/^ {0,3}\{\/\*/, /\*\/\s*\}/],
];

/** The fence that a line opens code with. What follows one of backticks has none. */
function fenceAt(line: string): string | undefined {
  const [, open = '', info = ''] = fence.exec(line) ?? [];
  return open === '' || (open.startsWith('`') && info.includes('`')) ? undefined : open;
}

/** Whether a line is the fence that closes another: of its sign, and as long. */
function isClosing(line: string, open: string): boolean {
  const [, marks = '', info = ''] = fence.exec(line) ?? [];
  return marks[0] === open[0] && marks.length >= open.length && info.trim() === '';
}

/** The line after the code that starts at a line: that behind its fence, or the last one. */
function endOfCode(lines: readonly string[], from: number, open: string): number {
  const close = lines.findIndex((line, i) => i > from && isClosing(line, open));
  return close < 0 ? lines.length : close + 1;
}

/** The line after the block of HTML that starts at a line; the line itself where there is none, or it has no end. */
function endOfHtml(lines: readonly string[], from: number, endless: Set<RegExp>): number {
  const line = lines[from] ?? '';
  const found = htmlBlocks.find(([begin]) => begin.test(line));
  if (!found || endless.has(found[1])) return from;
  const [begin, end] = found;
  if (end.test(line.replace(begin, ''))) return from + 1;
  for (let at = from + 1; at < lines.length; at++) if (end.test(lines[at] ?? '')) return at + 1;
  endless.add(end);
  return from;
}

/** Finds fenced code and blocks of HTML, with their fences and tags. @param from the first line that is looked at */
export function verbatimLines(lines: readonly string[], from: number): VerbatimLines {
  const found = new Array<Verbatim | undefined>(lines.length).fill(undefined);
  /** Ends that no later line has. */
  const endless = new Set<RegExp>();
  let at = from;
  while (at < lines.length) {
    const open = fenceAt(lines[at] ?? '');
    const to = open === undefined ? endOfHtml(lines, at, endless) : endOfCode(lines, at, open);
    if (to > at) found.fill({ kind: open === undefined ? 'html' : 'code', to }, at, to);
    at = Math.max(to, at + 1);
  }
  return found;
}
