import { tidy } from '../../../../tidy.ts';
import { childOf, childrenOf, elements, type XmlElement, xmlAttribute } from '../xml.ts';
import { chartLines, drawnOnChart, drawnOnChartId } from './chart.ts';
import type { Package } from './package.ts';
import { drawnParagraphs } from './paragraphs.ts';

// What stands in drawings of Word and PowerPoint besides text: charts, diagrams, descriptions of pictures.

/** The texts of a diagram (SmartArt), by its data. */
const diagramLines = (data: XmlElement): string[] =>
  elements(data, 'pt')
    .flatMap((point) => {
      const text = childOf(point, 't');
      return text ? drawnParagraphs(text) : [];
    })
    .filter((line) => line !== '');

export interface DrawnParts {
  /** Lines of charts and diagrams, and words that are drawn. */
  readonly lines: readonly string[];
  /** What a person reads in place of a picture. */
  readonly descriptions: readonly string[];
  /** Pictures without a description. */
  readonly pictures: number;
  /** Objects of other programs, by what they are; '' where it is not said. */
  readonly objects: readonly string[];
  /** Sounds and videos. */
  readonly media: number;
  /** Parts that are referred to and are not there. */
  readonly missing: number;
}

interface Found {
  readonly charts: string[];
  readonly diagrams: string[];
  readonly words: string[];
  readonly descriptions: Set<string>;
  readonly objects: string[];
  pictures: number;
  media: number;
}

/** The description that an element has for those who do not see it; '' for one that only decorates. */
function descriptionOf(element: XmlElement): string | undefined {
  for (const child of childrenOf(element)) {
    const properties = child.name.startsWith('nv') ? childOf(child, 'cNvPr') : child;
    if (properties?.name !== 'docPr' && properties?.name !== 'cNvPr') continue;
    const text = [xmlAttribute(properties, 'title'), xmlAttribute(properties, 'descr')].filter(Boolean);
    if (text.length > 0) return tidy(text.join(': '));
    const [decorative] = elements(properties, 'decorative');
    if (decorative && xmlAttribute(decorative, 'val') !== '0') return '';
  }
  const alternative = xmlAttribute(element, 'alt');
  return alternative === undefined ? undefined : tidy(alternative);
}

const isMedia = (element: XmlElement): boolean =>
  ['videoFile', 'audioFile', 'quickTimeFile', 'wavAudioFile'].some(
    (name) => elements(element, name).length > 0,
  );

/** Elements that count for themselves; true where what is in them says no more. */
function take(element: XmlElement, isDescribed: boolean, found: Found): boolean {
  const id = xmlAttribute(element, 'id') ?? '';
  switch (element.name) {
    case 'chart':
      found.charts.push(id);
      return true;
    case 'relIds':
      found.diagrams.push(xmlAttribute(element, 'dm') ?? '');
      return true;
    case 'textpath': {
      const text = tidy(xmlAttribute(element, 'string') ?? '');
      if (text !== '') found.words.push(text);
      return true;
    }
    case 'OLEObject':
    case 'oleObj':
      found.objects.push(xmlAttribute(element, 'ProgID') ?? xmlAttribute(element, 'progId') ?? '');
      return true;
    case 'control':
      found.objects.push(xmlAttribute(element, 'name') ?? '');
      return true;
    case 'pic':
      if (isMedia(element)) found.media++;
      else if (!isDescribed) found.pictures++;
      return true;
    case 'imagedata':
    case 'contentPart':
      if (!isDescribed) found.pictures++;
      return true;
    default:
      return false;
  }
}

function walk(element: XmlElement, isDescribed: boolean, found: Found): void {
  const own = descriptionOf(element);
  if (own) found.descriptions.add(own);
  const described = isDescribed || own !== undefined;
  const properties = element.name === 'pic' ? undefined : childOf(element, 'spPr');
  // A shape that is filled with a picture.
  if (properties && childOf(properties, 'blipFill') && !described) found.pictures++;
  if (take(element, described, found)) return;
  const children = childrenOf(element);
  // The picture of an object is what it looks like.
  const isObject = children.some(({ name }) => name === 'OLEObject' || name === 'control');
  for (const child of children) {
    // Text in a box is read where the box is.
    if (child.name === 'txbxContent' || child.name === 'txBody' || child.name === 'tbl') continue;
    if (child.name === 'AlternateContent') alternatives(child, described, found);
    else walk(child, described || isObject, found);
  }
}

/** The first alternative that holds something. */
function alternatives(element: XmlElement, isDescribed: boolean, found: Found): void {
  const sizeOf = (): string => JSON.stringify({ ...found, descriptions: found.descriptions.size });
  const before = sizeOf();
  for (const choice of childrenOf(element)) if (sizeOf() === before) walk(choice, isDescribed, found);
}

/** Everything but text boxes and tables of a drawing. @param part the part it stands in, whose relations it uses */
export async function readDrawing(drawing: XmlElement, part: string, office: Package): Promise<DrawnParts> {
  const found: Found = {
    ...{ charts: [], diagrams: [], words: [], objects: [], descriptions: new Set<string>() },
    ...{ pictures: 0, media: 0 },
  };
  walk(drawing, false, found);
  const lines = [...found.words];
  let missing = 0;
  const load = async (owner: string, id: string, read: (root: XmlElement) => string[]): Promise<void> => {
    const name = await office.partOf(owner, id);
    const root = name === undefined ? undefined : await office.part(name);
    if (name === undefined || !root) {
      missing++;
      return;
    }
    lines.push(...read(root));
    const onIt = drawnOnChartId(root);
    if (onIt !== undefined) await load(name, onIt, drawnOnChart);
  };
  for (const id of found.charts) await load(part, id, chartLines);
  for (const id of found.diagrams) await load(part, id, diagramLines);
  const { objects, pictures, media } = found;
  return { ...{ lines, objects, pictures, media, missing }, descriptions: [...found.descriptions] };
}
