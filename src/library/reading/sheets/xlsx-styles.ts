import { childOf, childrenOf, elements, type XmlElement } from '../loaders/xml.ts';
import { type CellFormat, cellFormat } from './number-format.ts';
import type { DocumentView } from './sheet.ts';

/** How cells look that refer to the style by its number. */
export interface CellStyle {
  readonly format: CellFormat;
  readonly isBold: boolean;
  /** Only for a document. */
  readonly shown?: ReturnType<DocumentView['shown']>;
}

const isOn = (element: XmlElement): boolean => !/^(0|false|off)$/.test(element.attributes['val'] ?? '1');

export function xlsxStyles(
  root: XmlElement,
  since1904: boolean,
  view: DocumentView | undefined,
): readonly CellStyle[] {
  const codes = new Map(
    elements(root, 'numFmt').map(({ attributes }) => [
      Number(attributes['numFmtId']),
      attributes['formatCode'],
    ]),
  );
  const childrenIn = (name: string): XmlElement[] => {
    const found = childOf(root, name);
    return found === undefined ? [] : childrenOf(found);
  };
  const bold = childrenIn('fonts').map((font) =>
    childrenOf(font).some((one) => one.name === 'b' && isOn(one)),
  );
  return childrenIn('cellXfs').map(({ attributes }) => {
    const id = Number(attributes['numFmtId'] ?? 0);
    const format = cellFormat(id, codes.get(id));
    const isBold = bold[Number(attributes['fontId'] ?? 0)] ?? false;
    return { format, isBold, ...(view && { shown: view.shown(format, since1904) }) };
  });
}
