import { tidy } from '../../../../tidy.ts';
import { numberText } from '../list-numbers.ts';
import { raisedText } from '../raised.ts';
import { childOf, childrenOf, elements, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import { equationText } from './equation.ts';

// Text of DrawingML: on slides, in charts and diagrams.

/** A field that every slide has another value of, in a place that is no placeholder for it. */
const isSlideNumber = (run: XmlElement): boolean =>
  run.name === 'fld' && xmlAttribute(run, 'type') === 'slidenum';

const isRaised = (run: XmlElement): boolean => {
  const properties = childOf(run, 'rPr');
  return properties !== undefined && Number.parseInt(xmlAttribute(properties, 'baseline') ?? '0', 10) > 0;
};

function lineOf(paragraph: XmlElement): string {
  let line = '';
  let wasRaised = false;
  const readText = (run: XmlElement): void => {
    const text = elements(run, 't').map(textIn).join('');
    const raised = isRaised(run);
    line += raised ? raisedText(text, line, wasRaised) : text;
    wasRaised = raised;
  };
  const read = (run: XmlElement): void => {
    if (run.name === 'br') line += ' ';
    // What an equation is wrapped in is called as a matrix within one.
    else if (run.name === 'm') childrenOf(run).forEach(read);
    else if (run.name === 'oMath' || run.name === 'oMathPara') line += equationText(run);
    else if (run.name === 'AlternateContent') {
      const before = line;
      for (const choice of childrenOf(run)) if (line === before) childrenOf(choice).forEach(read);
    } else if (!isSlideNumber(run)) readText(run);
  };
  childrenOf(paragraph).forEach(read);
  return tidy(line);
}

const formats: readonly (readonly [start: string, format: string])[] = [
  ['arabic', 'decimal'],
  ['alphaLc', 'lowerLetter'],
  ['alphaUc', 'upperLetter'],
  ['romanLc', 'lowerRoman'],
  ['romanUc', 'upperRoman'],
];

/** A number as a scheme writes it (ECMA-376 part 1, 20.1.10.61): `arabicPeriod` is "1.". */
function schemeText(scheme: string, number: number): string {
  const format = formats.find(([start]) => scheme.startsWith(start))?.[1] ?? 'decimal';
  const text = numberText(number, format);
  if (scheme.endsWith('ParenBoth')) return `(${text})`;
  if (scheme.endsWith('ParenR')) return `${text})`;
  return scheme.endsWith('Plain') ? text : `${text}.`;
}

/** Counts the numbered paragraphs of one body. */
function createCounter(body: XmlElement): (paragraph: XmlElement) => string {
  const counts = new Map<number, { scheme: string; number: number }>();
  const styles = childOf(body, 'lstStyle');
  return (paragraph) => {
    const properties = childOf(paragraph, 'pPr');
    const level = Number((properties && xmlAttribute(properties, 'lvl')) ?? 0);
    for (const deeper of [...counts.keys()]) if (deeper > level) counts.delete(deeper);
    const own =
      properties && childrenOf(properties).find(({ name }) => /^bu(None|Char|Blip|AutoNum)$/.test(name));
    const numbering = own ?? childOf(childOf(styles, `lvl${level + 1}pPr`), 'buAutoNum');
    if (numbering?.name !== 'buAutoNum') {
      counts.delete(level);
      return '';
    }
    const scheme = xmlAttribute(numbering, 'type') ?? 'arabicPeriod';
    const before = counts.get(level);
    const number =
      before?.scheme === scheme ? before.number + 1 : Number(xmlAttribute(numbering, 'startAt') ?? 1);
    counts.set(level, { scheme, number });
    return `${schemeText(scheme, number)} `;
  };
}

/** The paragraphs of a text, one per line, with their numbers; a line break inside one becomes a space. */
export function drawnParagraphs(body: XmlElement): string[] {
  const numberOf = createCounter(body);
  return elements(body, 'p').map((paragraph) => {
    const line = lineOf(paragraph);
    return line === '' ? '' : `${numberOf(paragraph)}${line}`;
  });
}
