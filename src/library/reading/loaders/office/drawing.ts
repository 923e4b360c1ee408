import { childOf, childrenOf, elements, firstOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import type { Package } from './package.ts';

// What stands in drawings of Word and PowerPoint besides text boxes: charts, diagrams, descriptions of pictures.

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The paragraphs of DrawingML text, one per line; a line break inside one becomes a space. */
export function drawnParagraphs(body: XmlElement): string[] {
  return elements(body, 'p').map((paragraph) =>
    tidy(
      childrenOf(paragraph)
        .map((run) => (run.name === 'br' ? ' ' : elements(run, 't').map(textIn).join('')))
        .join(''),
    ),
  );
}

/** The points of a series, by their index. */
function pointsOf(series: XmlElement, name: string): Map<string, string> {
  const axis = childOf(series, name);
  const points = axis ? elements(axis, 'pt') : [];
  return new Map(
    points.map((point) => [
      xmlAttribute(point, 'idx') ?? '',
      tidy(elements(point, 'v').map(textIn).join(' ')),
    ]),
  );
}

/** Points of a series that are written out. */
const maxPoints = 200;

/** A chart's title, axes and series with the values it was drawn from. */
function chartLines(chart: XmlElement): string[] {
  const titles = elements(chart, 'title')
    .map((title) => drawnParagraphs(title).join(' ').trim())
    .filter((title) => title !== '');
  const series = elements(chart, 'ser').map((one) => {
    const name = tidy(
      elements(childOf(one, 'tx') ?? one, 'v')
        .slice(0, 1)
        .map(textIn)
        .join(''),
    );
    const named = childOf(one, 'tx') ? name : '';
    const categories = new Map([...pointsOf(one, 'cat'), ...pointsOf(one, 'xVal')]);
    const values = new Map([...pointsOf(one, 'val'), ...pointsOf(one, 'yVal')]);
    const points = [...values].slice(0, maxPoints).map(([index, value]) => {
      const category = categories.get(index) ?? '';
      return category === '' ? value : `${category}: ${value}`;
    });
    const rest = values.size > maxPoints ? `; and ${values.size - maxPoints} more` : '';
    return `${named === '' ? '' : `${named} - `}${points.join('; ')}${rest}`;
  });
  const [title, ...axes] = titles;
  const head = title === undefined ? 'Chart' : `Chart: ${title}`;
  return [axes.length > 0 ? `${head} (${axes.join(', ')})` : head, ...series.filter((line) => line !== '')];
}

/** The texts of a diagram (SmartArt), by its data. */
const diagramLines = (data: XmlElement): string[] =>
  elements(data, 'pt')
    .flatMap((point) => {
      const text = childOf(point, 't');
      return text ? drawnParagraphs(text) : [];
    })
    .filter((line) => line !== '');

export interface DrawnParts {
  /** Lines of charts and diagrams. */
  readonly lines: readonly string[];
  /** What a person reads in place of a picture. */
  readonly descriptions: readonly string[];
  /** Pictures without a description. */
  readonly pictures: number;
  /** Objects of other programs. */
  readonly objects: number;
}

/** Everything but text boxes and tables of a drawing. @param part the part it stands in, whose relations it uses */
export async function readDrawing(drawing: XmlElement, part: string, office: Package): Promise<DrawnParts> {
  const lines: string[] = [];
  const load = async (id: string | undefined, read: (root: XmlElement) => string[]): Promise<void> => {
    const name = id === undefined ? undefined : await office.partOf(part, id);
    const root = name === undefined ? undefined : await office.part(name);
    if (root) lines.push(...read(root));
  };
  for (const chart of elements(drawing, 'chart')) await load(xmlAttribute(chart, 'id'), chartLines);
  for (const diagram of elements(drawing, 'relIds')) await load(xmlAttribute(diagram, 'dm'), diagramLines);
  const pictures = [...elements(drawing, 'pic'), ...elements(drawing, 'imagedata')];
  const named = ['docPr', 'cNvPr', 'shape', 'rect']
    .map((name) => firstOf(drawing, name))
    .map((element) => element && (xmlAttribute(element, 'descr') ?? xmlAttribute(element, 'alt')));
  const descriptions = [...new Set(named.map((text) => tidy(text ?? '')).filter((text) => text !== ''))];
  return {
    ...{ lines, descriptions },
    pictures: descriptions.length === 0 ? pictures.length : 0,
    objects: elements(drawing, 'OLEObject').length + elements(drawing, 'oleObj').length,
  };
}
