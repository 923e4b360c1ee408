import { childrenOf, textIn, type XmlElement, xmlValue } from '../xml.ts';

// Office Math (ECMA-376 part 1, 22.1) as one line, in the notation of `UnicodeMath`: E = mc^2, (a+b)/c, √(x).

const part = (element: XmlElement, name: string): string => {
  const found = childrenOf(element).find((child) => child.name === name);
  return found ? equationText(found) : '';
};

const propertyOf = (element: XmlElement, name: string): string | undefined => {
  const properties = childrenOf(element).find((child) => child.name === `${element.name}Pr`);
  const found = properties && childrenOf(properties).find((child) => child.name === name);
  return found && xmlValue(found);
};

/** One sign, number or word stands by itself; anything else needs brackets to be read as one. */
const grouped = (text: string): string =>
  text === '' || /^(\p{L}+|\p{N}+([.,]\p{N}+)?|.)$/u.test(text) ? text : `(${text})`;

const raised = (mark: string, text: string): string => (text === '' ? '' : `${mark}${grouped(text)}`);

function delimited(element: XmlElement): string {
  const [begin = '(', separator = '|', end = ')'] = ['begChr', 'sepChr', 'endChr'].map((name) =>
    propertyOf(element, name),
  );
  const inner = childrenOf(element).filter(({ name }) => name === 'e');
  return `${begin}${inner.map(equationText).join(separator)}${end}`;
}

const rowsOf = (element: XmlElement): string =>
  childrenOf(element)
    .filter(({ name }) => name === 'mr' || name === 'e')
    .map((row) =>
      row.name === 'e'
        ? equationText(row)
        : childrenOf(row)
            .filter(({ name }) => name === 'e')
            .map(equationText)
            .join(', '),
    )
    .join('; ');

const forms: Readonly<Record<string, (element: XmlElement) => string>> = {
  f: (at) => `${grouped(part(at, 'num'))}/${grouped(part(at, 'den'))}`,
  sSup: (at) => `${grouped(part(at, 'e'))}${raised('^', part(at, 'sup'))}`,
  sSub: (at) => `${grouped(part(at, 'e'))}${raised('_', part(at, 'sub'))}`,
  sSubSup: (at) => `${grouped(part(at, 'e'))}${raised('_', part(at, 'sub'))}${raised('^', part(at, 'sup'))}`,
  sPre: (at) => `${raised('_', part(at, 'sub'))}${raised('^', part(at, 'sup'))}${grouped(part(at, 'e'))}`,
  rad(at) {
    const degree = part(at, 'deg');
    return `${degree === '' ? '' : `${degree} `}√(${part(at, 'e')})`;
  },
  nary: (at) =>
    `${propertyOf(at, 'chr') ?? '∫'}${raised('_', part(at, 'sub'))}${raised('^', part(at, 'sup'))} ${part(at, 'e')}`,
  d: delimited,
  func: (at) => `${part(at, 'fName')} ${grouped(part(at, 'e'))}`,
  limLow: (at) => `${part(at, 'e')}${raised('_', part(at, 'lim'))}`,
  limUpp: (at) => `${part(at, 'e')}${raised('^', part(at, 'lim'))}`,
  acc: (at) => `${part(at, 'e')}${propertyOf(at, 'chr') ?? '\u0302'}`,
  m: (at) => `[${rowsOf(at)}]`,
  eqArr: rowsOf,
};

/** An equation, or a part of one, as text. */
export function equationText(element: XmlElement): string {
  if (element.name === 't') return textIn(element);
  if (element.name.endsWith('Pr')) return '';
  const form = forms[element.name];
  if (form) return form(element);
  return childrenOf(element)
    .map(equationText)
    .join(element.name === 'oMathPara' ? '\n' : '');
}
