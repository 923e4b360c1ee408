import { readDrawing } from '../office/drawing.ts';
import type { Package } from '../office/package.ts';
import { drawnParagraphs } from '../office/paragraphs.ts';
import type { Writer } from '../writer.ts';
import { childOf, childrenOf, elements, firstOf, type XmlElement, xmlAttribute } from '../xml.ts';
import type { SlidesLeftOut } from './left-out.ts';

/** The placeholder of a shape: its type, and the number by which its layout may name the type. */
export function placeholderOf(
  shape: XmlElement,
): { readonly type: string; readonly index: string } | undefined {
  const found = firstOf(shape, 'ph');
  return found && { type: xmlAttribute(found, 'type') ?? '', index: xmlAttribute(found, 'idx') ?? '0' };
}

const drawn = new Set(['sp', 'graphicFrame', 'pic', 'cxnSp', 'contentPart']);

/** Shapes in slide order, those inside groups included; of alternatives the first that has some. */
export function shapesOf(tree: XmlElement): XmlElement[] {
  return childrenOf(tree).flatMap((child) => {
    if (child.name === 'AlternateContent')
      return (
        childrenOf(child)
          .map(shapesOf)
          .find((shapes) => shapes.length > 0) ?? []
      );
    if (child.name === 'grpSp') {
      const inside = shapesOf(child);
      // What is said of a whole group is said once.
      return [{ ...child, children: child.children.filter((one) => isOwn(one)) }, ...inside];
    }
    return drawn.has(child.name) ? [child] : [];
  });
}

const isOwn = (child: XmlElement | string): boolean =>
  typeof child !== 'string' && child.name.startsWith('nv');

/** Rows of a table, of which each reads whole: a cell over several columns or rows is in each of them. */
function rowsOf(table: XmlElement): string[] {
  let above: string[] = [];
  return elements(table, 'tr').map((row) => {
    const values: string[] = [];
    for (const cell of childrenOf(row).filter(({ name }) => name === 'tc')) {
      const isOn = (name: string): boolean => /^(1|true)$/.test(xmlAttribute(cell, name) ?? '');
      const own = drawnParagraphs(cell)
        .filter((line) => line !== '')
        .join('; ');
      if (isOn('hMerge')) values.push(values.at(-1) ?? '');
      else values.push(isOn('vMerge') ? (above[values.length] ?? '') : own);
    }
    above = values;
    return values.join(' | ');
  });
}

export interface ShapeContext {
  readonly part: string;
  readonly office: Package;
  readonly leftOut: SlidesLeftOut;
}

/** Writes what a shape holds: text, tables, charts, diagrams, the description of a picture. */
export async function writeShape(
  shape: XmlElement,
  { part, office, leftOut }: ShapeContext,
  writer: Writer,
): Promise<void> {
  const tables = elements(shape, 'tbl');
  for (const rows of tables.map(rowsOf)) {
    const header = rows[0];
    writer.block(rows, { rows: true, ...(header && rows.length > 1 && { header }) });
  }
  const body = childOf(shape, 'txBody');
  const text = body ? drawnParagraphs(body) : [];
  writer.block(text);
  const { lines, descriptions, ...found } = await readDrawing(shape, part, office);
  writer.block(lines);
  // A description often repeats the text of its shape.
  const said = text.join(' ');
  writer.block(descriptions.filter((line) => !said.includes(line)).map((line) => `[${line}]`));
  leftOut.pictures += found.pictures;
  leftOut.media += found.media;
  leftOut.parts += found.missing;
  leftOut.objects.push(...found.objects);
  const isEmpty =
    text.length + tables.length + lines.length + found.objects.length + found.pictures + found.media === 0;
  // Such as a model in three dimensions.
  if (shape.name === 'graphicFrame' && isEmpty && descriptions.length + found.missing === 0)
    leftOut.objects.push('');
}
