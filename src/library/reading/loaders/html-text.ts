import { tidy } from '../../../tidy.ts';
import { descriptionOf } from './html-pictures.ts';
import {
  attribute,
  descendants,
  type Element,
  find,
  type HtmlNode,
  isElement,
  ownText,
} from './html-tree.ts';
import { raisedText } from './raised.ts';

/** Elements without text of the page. */
export const ignored = new Set(
  'script style noscript template iframe object embed canvas video audio nav head datalist'.split(' '),
);

/** Elements that begin and end a line. */
export const flowing = new Set(
  (
    'address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption figure ' +
    'footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu ol option p pre search section summary table tbody ' +
    'td tfoot th thead tr ul'
  ).split(' '),
);

const isOn = (element: Element, name: string): boolean => attribute(element, name) !== undefined;

/** Options of a list that are shown where none is chosen. */
const maxOptions = 20;

function chosenOf(select: Element): string {
  const options = find(select, 'option');
  const texts = (some: readonly Element[]): string[] =>
    some.map((option) => tidy([...descendants(option)].map(ownText).join(''))).filter((text) => text !== '');
  const chosen = texts(options.filter((option) => isOn(option, 'selected')));
  if (chosen.length > 0) return chosen.join(', ');
  const shown = texts(options.slice(0, maxOptions)).join(' / ');
  const more = options.length - maxOptions;
  return more > 0 ? `${shown} / … (${more} more)` : shown;
}

function inputText(element: Element): string {
  const type = (attribute(element, 'type') ?? 'text').toLowerCase();
  if (type === 'hidden' || type === 'password' || type === 'submit' || type === 'reset') return '';
  if (type === 'checkbox' || type === 'radio') return isOn(element, 'checked') ? '☒' : '☐';
  return attribute(element, type === 'image' ? 'alt' : 'value') ?? '';
}

/** Presentation MathML as one line: a^2, (a+b)/c, √(x). */
function mathText(node: HtmlNode): string {
  if (!isElement(node)) return ownText(node).trim();
  if (/^annotation/.test(node.tagName)) return '';
  const parts = node.childNodes.map(mathText).filter((part) => part !== '');
  const [base = '', first = '', second = ''] = parts.map((part) =>
    part.length > 1 && /\W/.test(part) ? `(${part})` : part,
  );
  const forms: Readonly<Record<string, () => string>> = {
    mfrac: () => `${base}/${first}`,
    msup: () => `${base}^${first}`,
    mover: () => `${base}^${first}`,
    msub: () => `${base}_${first}`,
    munder: () => `${base}_${first}`,
    msubsup: () => `${base}_${first}^${second}`,
    munderover: () => `${base}_${first}^${second}`,
    msqrt: () => `√(${parts.join('')})`,
    mroot: () => `${first} √(${base})`,
    mtr: () => parts.join(', '),
    mtable: () => parts.join('; '),
  };
  return forms[node.tagName]?.() ?? parts.join('');
}

const drawnText = (svg: Element): string =>
  ['title', 'desc', 'text']
    .flatMap((name) => find(svg, name))
    .map((element) => tidy([...descendants(element)].map(ownText).join(' ')))
    .filter((text) => text !== '')
    .join('; ');

/** Characters with their reading behind them, so that a word of several stays one. */
function rubyText(ruby: Element): string {
  let [base, reading] = ['', ''];
  for (const child of ruby.childNodes) {
    const name = isElement(child) ? child.tagName : '';
    if (name === 'rt' || name === 'rtc') reading += textOf(child);
    else if (name !== 'rp') base += textOf(child);
  }
  return reading === '' ? base : `${base}(${reading})`;
}

/**
 * What a person sees of an element that has no text of its own, or whose text means something by how it stands;
 * undefined for all others.
 * @param before the line so far
 */
export function shownText(element: Element, before: string): string | undefined {
  switch (element.tagName) {
    case 'sup':
      return raisedText(textOf(element), before);
    case 'ruby':
      return rubyText(element);
    case 'br':
      return ' ';
    case 'img': {
      const description = descriptionOf(element);
      return description === '' ? '' : ` [${description}] `;
    }
    case 'input':
      return ` ${inputText(element)} `;
    case 'select':
      return ` ${chosenOf(element)} `;
    case 'math':
      return ` ${mathText(element)} `;
    case 'svg': {
      const drawn = drawnText(element);
      return drawn === '' ? '' : ` [${drawn}] `;
    }
    default:
      return undefined;
  }
}

/** The lines of an element: what stands in one block is one. */
export function linesOf(root: HtmlNode): string[] {
  const lines: string[] = [];
  let line = '';
  const flush = (): void => {
    const text = tidy(line);
    if (text !== '') lines.push(text);
    line = '';
  };
  // `undefined` marks the end of a block. Iterative: pages may be nested deeper than the stack allows.
  const stack: (HtmlNode | undefined)[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node) {
      flush();
      continue;
    }
    line += ownText(node);
    if (!isElement(node) || ignored.has(node.tagName)) continue;
    const shown = node === root ? undefined : shownText(node, line);
    if (shown !== undefined) {
      line += shown;
      continue;
    }
    if (flowing.has(node.tagName)) {
      flush();
      stack.push(undefined);
    }
    for (let i = node.childNodes.length - 1; i >= 0; i--) stack.push(node.childNodes[i]);
  }
  flush();
  return lines;
}

export const textOf = (node: HtmlNode): string => linesOf(node).join(' ');
