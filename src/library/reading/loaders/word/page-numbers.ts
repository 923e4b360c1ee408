// The numbers of pages in a header or footer: they differ from page to page, and are no text of the document.

/** Numbers that a page layout makes: which page, of how many. */
const field = /^\s*(PAGE|NUMPAGES|SECTIONPAGES)\b/i;
/** Stands where a number was; a character that is none. */
const mark = '\ue0ff';
/** Words that stand before the number of a page. */
const pageWord =
  /(?<!\p{L})(pages?|pg|p|seite|s|pag|pág|págin?a?|pagina|página|strana|str|strona|sida|side|sivu|oldal|стр|страница|сторінка|sayfa|第)\.?\s*$/iu;
/** What stands between "3" and "7" in "3 of 7". */
const between = /^\s*(\p{L}{1,4}|[/|∕-])?\s*$/u;

/** What is known of page numbers in one paragraph. */
export interface PageNumbers {
  isNumber(instruction: string): boolean;
  /** Put where such a number stands. */
  readonly mark: string;
  /** A line without the numbers, and without what is said of nothing else: "Page … of …". */
  clean(line: string): string;
}

function clean(line: string): string {
  const [first = '', ...rest] = line.split(mark);
  if (rest.length === 0) return line;
  let text = first.replace(pageWord, '');
  for (const [i, part] of rest.entries()) {
    const isLast = i === rest.length - 1;
    if (isLast || !between.test(part)) text += ` ${isLast ? part : part.replace(pageWord, '')}`;
  }
  text = text.replace(/^[\s|/·•–—-]+|[\s|/·•–—-]+$/g, '');
  return /[\p{L}\p{N}]/u.test(text) ? text : '';
}

export function withoutPageNumbers(): PageNumbers {
  return { isNumber: (instruction) => field.test(instruction), mark, clean };
}
