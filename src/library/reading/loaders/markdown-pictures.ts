import { isDecorative } from './html-pictures.ts';
import type { VerbatimLines } from './markdown-lines.ts';

/** Code in a line, in which nothing is a picture. */
const codeSpan = /(`+)[^`\n]+\1/g;

/** `![](picture.png)` or `![][picture]` without words, of which a title behind the address may say what it shows. */
const markdownPicture = /(?<!\\)!\[\s*\](?:\(\s*<?([^\s)>]+)>?[^\S\n]*(["'(]?)|\[[^\]\n]+\])/g;

/** `![[picture.png|300]]` of notes that refer to each other; other words behind the bar say what it shows. */
const wikiPicture = /!\[\[[^\]|\n]+\.(?:png|jpe?g|gif|svg|webp|bmp|avif|tiff?)(?:\|[\dx\s]*)?\]\]/gi;

/** Tags of HTML, and of components in MDX, that are or surround pictures. */
const tag = /<(\/?)(img|image|figure|figcaption)\b((?:"[^"]{0,3000}"|'[^']{0,3000}'|[^"'<>]){0,3000})>/gi;
/** A picture that is written in its address, of which the beginning tells enough. */
const inAddress = /(data:[^\s"')>]{100})[^\s"')>]+/gi;

const attributePattern = /([a-z][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|\{([^}]*)\}|([^\s"'{}>]+)))?/gi;

function attributesIn(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', ...values] of source.matchAll(attributePattern)) {
    found.set(name.toLowerCase(), values.find((value) => value !== undefined) ?? '');
  }
  return found;
}

/** Whether nothing tells what a picture shows, though it shows something. */
function isUndescribed(attributes: ReadonlyMap<string, string>): boolean {
  // An empty `alt` says that there is nothing to say.
  if (attributes.has('alt') || attributes.has('aria-labelledby')) return false;
  const isWorded = ['aria-label', 'title'].some((name) => (attributes.get(name) ?? '').trim() !== '');
  return !isWorded && !isDecorative((name) => attributes.get(name));
}

function undescribedInHtml(text: string): number {
  let count = 0;
  let figure: { pictures: number; hasCaption: boolean } | undefined;
  const close = (): void => {
    if (figure && !figure.hasCaption) count += figure.pictures;
    figure = undefined;
  };
  for (const [, slash = '', name = '', attributes = ''] of text.matchAll(tag)) {
    const kind = name.toLowerCase();
    const isEnd = slash !== '';
    if (kind === 'figure') {
      close();
      if (!isEnd) figure = { pictures: 0, hasCaption: false };
    } else if (kind === 'figcaption') {
      if (figure) figure.hasCaption = true;
    } else if (!isEnd && isUndescribed(attributesIn(attributes))) {
      if (figure) figure.pictures++;
      else count++;
    }
  }
  close();
  return count;
}

/** How many pictures a text has whose content nothing tells. @param from the first line that is looked at */
export function undescribedInMarkdown(
  lines: readonly string[],
  from: number,
  verbatim: VerbatimLines,
): number {
  const text = lines
    .slice(from)
    .map((line, i) => (verbatim[from + i] ? '' : line))
    .join('\n')
    .replace(codeSpan, '')
    .replace(inAddress, '$1');
  if (!/!\[|<im/i.test(text)) return 0;
  const inText = [...text.matchAll(markdownPicture)].filter(([, , title = '']) => title === '').length;
  const inNotes = text.match(wikiPicture)?.length ?? 0;
  return inText + inNotes + undescribedInHtml(text);
}
