import { readDrawing } from '../office/drawing.ts';
import { equationText } from '../office/equation.ts';
import { raisedText } from '../raised.ts';
import {
  childOf,
  childrenOf,
  elements,
  firstOf,
  textIn,
  type XmlElement,
  xmlAttribute,
  xmlValue,
} from '../xml.ts';
import { withoutPageNumbers } from './page-numbers.ts';
import type { WordReading } from './reading.ts';
import { isOn, isRaised } from './styles.ts';
import { symbolOf } from './symbols.ts';

/** The text of a paragraph, and what stands beside it: text boxes, charts. */
export interface InlineContent {
  readonly text: string;
  /** Elements with paragraphs and tables of their own. */
  readonly boxes: readonly XmlElement[];
  /** Lines of charts and diagrams. */
  readonly drawn: readonly string[];
}

/** Where the reader is in a field: its instruction is no text, its result is. */
interface Field {
  inResult: boolean;
  instruction: string;
  readonly begin: XmlElement;
}

/** The state of a form field, where its result is not text. */
function formState(begin: XmlElement): string | undefined {
  const box = firstOf(begin, 'checkBox');
  if (box) return (isOn(box, 'checked') ?? isOn(box, 'default')) ? '☒' : '☐';
  const choice = firstOf(begin, 'ddList');
  if (!choice) return undefined;
  const result = childOf(choice, 'result') ?? childOf(choice, 'default');
  const entries = childrenOf(choice).filter(({ name }) => name === 'listEntry');
  const entry = entries[Number((result && xmlValue(result)) ?? 0)];
  return entry && xmlValue(entry);
}

/** Elements whose content is text of the paragraph that they stand in. */
const transparent = new Set(
  (
    'hyperlink smartTag ins moveTo sdtContent customXml dir bdo ruby rubyBase fldSimple ' + 'Choice Fallback'
  ).split(' '),
);

export interface InlineOptions {
  /** What stands in the style of the paragraph. */
  readonly isHidden?: boolean;
}

/** Reads the inline content of a paragraph. */
export async function inlineOf(
  paragraph: XmlElement,
  reading: WordReading,
  { isHidden = false }: InlineOptions = {},
): Promise<InlineContent> {
  const boxes: XmlElement[] = [];
  const drawn: string[] = [];
  const fields: Field[] = [];
  let text = '';
  let wasRaised = false;
  const pages = reading.inMargin ? withoutPageNumbers() : undefined;
  const isText = (): boolean =>
    fields.every(({ inResult, instruction }) => inResult && !pages?.isNumber(instruction));
  const add = (more: string): void => {
    if (isText()) text += more;
  };

  async function draw(element: XmlElement): Promise<void> {
    boxes.push(...elements(element, 'txbxContent'));
    const found = await readDrawing(element, reading.part, reading.office);
    drawn.push(...found.lines);
    if (found.descriptions.length > 0) add(` [${found.descriptions.join('; ')}] `);
    reading.count('pictures', found.pictures);
    reading.count('objects', found.objects.length, found.objects);
    reading.count('media', found.media);
    reading.count('parts', found.missing);
  }

  function field(element: XmlElement): void {
    const kind = xmlAttribute(element, 'fldCharType');
    const current = fields.at(-1);
    if (kind === 'begin') fields.push({ inResult: false, instruction: '', begin: element });
    else if (kind === 'separate' && current) current.inResult = true;
    else if (kind === 'end' && current) {
      fields.pop();
      if (pages?.isNumber(current.instruction)) add(pages.mark);
      const state = formState(current.begin);
      if (state !== undefined) add(state);
    }
  }

  const runParts: Readonly<Record<string, (element: XmlElement, raised: boolean) => void | Promise<void>>> = {
    t: (element, raised) => add(raised ? raisedText(textIn(element), text, wasRaised) : textIn(element)),
    tab: () => add(' '),
    br: () => add(' '),
    cr: () => add(' '),
    ptab: () => add(' '),
    noBreakHyphen: () => add('-'),
    sym: (element) => add(symbolOf(element, () => reading.count('symbols', 1))),
    instrText: (element) => {
      const current = fields.at(-1);
      if (current && !current.inResult) current.instruction += textIn(element);
    },
    fldChar: field,
    footnoteReference: (element) => add(reading.mark('note', xmlAttribute(element, 'id') ?? '')),
    endnoteReference: (element) => add(reading.mark('endnote', xmlAttribute(element, 'id') ?? '')),
    commentReference: (element) => add(reading.mark('comment', xmlAttribute(element, 'id') ?? '')),
    drawing: draw,
    pict: draw,
    object: draw,
  };

  async function run(element: XmlElement): Promise<void> {
    const properties = childOf(element, 'rPr');
    const style = reading.characterStyleOf(properties);
    if (isOn(properties, 'vanish') ?? style?.isHidden ?? isHidden) {
      reading.count('hidden', textIn(element).trim() === '' ? 0 : 1);
      return;
    }
    const raised = isRaised(properties) ?? style?.isRaised ?? false;
    for (const child of childrenOf(element)) {
      const read = runParts[child.name];
      if (read) await read(child, raised);
      else if (child.name === 'AlternateContent') await alternate(child, (one) => run({ ...one, name: 'r' }));
      else if (child.name === 'ruby') await walk(child);
    }
    wasRaised = raised;
  }

  /** What is understood of the alternatives that newer and older programs read. */
  async function alternate(element: XmlElement, read: (one: XmlElement) => Promise<void>): Promise<void> {
    const before = [text, boxes.length, drawn.length].join();
    const [choice, fallback] = ['Choice', 'Fallback'].map((name) => childOf(element, name));
    if (choice) await read(choice);
    if (fallback && [text, boxes.length, drawn.length].join() === before) await read(fallback);
  }

  async function control(element: XmlElement): Promise<void> {
    const properties = childOf(element, 'sdtPr');
    const box = childOf(properties, 'checkbox');
    const content = childOf(element, 'sdtContent');
    if (box) add(isOn(box, 'checked') ? '☒' : '☐');
    else if (content) await walk(content);
  }

  async function walkInto(child: XmlElement): Promise<void> {
    if (child.name === 'fldSimple' && pages?.isNumber(xmlAttribute(child, 'instr') ?? '')) add(pages.mark);
    else if (transparent.has(child.name)) await walk(child);
  }

  async function walk(element: XmlElement): Promise<void> {
    for (const child of childrenOf(element)) {
      if (child.name === 'r') await run(child);
      else if (child.name === 'sdt') await control(child);
      else if (child.name === 'oMath' || child.name === 'oMathPara') add(equationText(child));
      else if (child.name === 'AlternateContent') await alternate(child, walk);
      else await walkInto(child);
    }
  }

  await walk(paragraph);
  // Word hyphenates at soft hyphens, of which nothing is seen but at the end of a line.
  return {
    text: (pages ? pages.clean(text) : text)
      .replace(/\u00ad/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
    boxes,
    drawn,
  };
}
