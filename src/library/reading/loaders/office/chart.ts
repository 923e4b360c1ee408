import { tidy } from '../../../../tidy.ts';
import { childOf, childrenOf, elements, textIn, type XmlElement, xmlAttribute } from '../xml.ts';
import { drawnParagraphs } from './paragraphs.ts';

// Charts (DrawingML, and the newer ones: waterfalls, trees, funnels) with the values that they were drawn from.

/** Points of a series that are written out. */
const maxPoints = 200;

const pointText = (point: XmlElement): string =>
  tidy(elements(point, 'v').map(textIn).join(' ') || textIn(point));

/** The points of a series, by their index; categories of several levels with those above them. */
function pointsOf(series: XmlElement, name: string): Map<string, string> {
  const axis = childOf(series, name);
  const found = new Map<string, string>();
  if (!axis) return found;
  const [lowest, ...above] = elements(axis, 'lvl');
  for (const point of elements(lowest ?? axis, 'pt'))
    found.set(xmlAttribute(point, 'idx') ?? '', pointText(point));
  for (const level of above) {
    // A group is named at its first point.
    const names = elements(level, 'pt').map(
      (pt) => [Number(xmlAttribute(pt, 'idx')), pointText(pt)] as const,
    );
    for (const [index, text] of found) {
      const group = names.findLast(([from]) => from <= Number(index))?.[1];
      if (group) found.set(index, `${group} ${text}`);
    }
  }
  return found;
}

function pointsText(
  name: string,
  categories: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, string>,
): string {
  const points = [...values].slice(0, maxPoints).map(([index, value]) => {
    const category = categories.get(index) ?? '';
    return category === '' ? value : `${category}: ${value}`;
  });
  const rest = values.size > maxPoints ? `; and ${values.size - maxPoints} more` : '';
  return `${name === '' ? '' : `${name} - `}${points.join('; ')}${rest}`;
}

function seriesText(series: XmlElement): string {
  const title = childOf(series, 'tx');
  const name = title ? tidy(elements(title, 'v').slice(0, 1).map(textIn).join('')) : '';
  const categories = new Map([...pointsOf(series, 'cat'), ...pointsOf(series, 'xVal')]);
  const values = new Map([...pointsOf(series, 'val'), ...pointsOf(series, 'yVal')]);
  for (const [index, size] of pointsOf(series, 'bubbleSize'))
    values.set(index, `${values.get(index) ?? ''} (${size})`.trim());
  return pointsText(name, categories, values);
}

/** A series of a newer chart, whose points stand in a place of their own. */
function newerSeriesText(series: XmlElement, root: XmlElement): string {
  const title = childOf(series, 'tx');
  const name = title ? tidy(elements(title, 'v').map(textIn).join(' ')) : '';
  const reference = childOf(series, 'dataId');
  const id = reference && xmlAttribute(reference, 'val');
  const data = elements(root, 'data').find((one) => xmlAttribute(one, 'id') === id);
  const points = (kind: string): Map<string, string> => {
    const dimension = data && childOf(data, kind);
    return dimension ? pointsOf({ ...dimension, name: '', children: [dimension] }, kind) : new Map();
  };
  return pointsText(name, points('strDim'), points('numDim'));
}

/** A chart's title, axes and series with their values, and what is written at single points. */
export function chartLines(root: XmlElement): string[] {
  const titles = elements(root, 'title')
    .map((title) => drawnParagraphs(title).join(' ').trim())
    .filter((title) => title !== '');
  const series = [
    ...elements(root, 'ser').map(seriesText),
    ...elements(root, 'series').map((one) => newerSeriesText(one, root)),
  ];
  const labels = elements(root, 'dLbl').flatMap((label) =>
    drawnParagraphs(childOf(label, 'tx') ?? { ...label, children: [] }),
  );
  const [title, ...axes] = titles;
  const head = title === undefined ? 'Chart' : `Chart: ${title}`;
  return [
    axes.length > 0 ? `${head} (${axes.join(', ')})` : head,
    ...[...series, ...labels].filter((line) => line !== ''),
  ];
}

/** The texts that somebody drew on a chart. */
export const drawnOnChart = (root: XmlElement): string[] =>
  elements(root, 'txBody')
    .flatMap(drawnParagraphs)
    .filter((line) => line !== '');

/** The part with what is drawn on a chart, by the id of its relation. */
export function drawnOnChartId(root: XmlElement): string | undefined {
  const found = childrenOf(root).find(({ name }) => name === 'userShapes');
  return found && xmlAttribute(found, 'id');
}
