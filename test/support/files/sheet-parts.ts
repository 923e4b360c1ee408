import { type Part, zip } from './zip.ts';

// Workbooks from their parts, for what the simple ones in office.ts cannot hold.

const office = 'http://schemas.openxmlformats.org';
const types = `${office}/officeDocument/2006/relationships`;
const sheetNames = `xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${types}"`;

/** A relation of a part: its id, the last part of its type, and its target. */
export type Related = readonly [id: string, type: string, target: string];

const relationsPart = (all: readonly Related[]): string =>
  `<Relationships xmlns="${office}/package/2006/relationships">${all
    .map(([id, type, target]) => {
      const mode = /^https?:/.test(target) ? ' TargetMode="External"' : '';
      return `<Relationship Id="${id}" Type="${type.includes('/') ? type : `${types}/${type}`}" Target="${target}"${mode}/>`;
    })
    .join('')}</Relationships>`;

interface SheetParts {
  /** What stands in `sheetData`. */
  readonly rows: string;
  readonly name?: string;
  readonly state?: string;
  /** What stands before and behind `sheetData`. */
  readonly before?: string;
  readonly after?: string;
  readonly related?: readonly Related[];
}

export interface WorkbookParts {
  readonly sheets: readonly SheetParts[];
  /** Children of `styleSheet`. */
  readonly styles?: string;
  /** Children of `sst`. */
  readonly strings?: string;
  /** Children of `workbook` before its sheets. */
  readonly workbook?: string;
  readonly extra?: Readonly<Record<string, Part>>;
}

/** The parts of a workbook by their names. */
export function workbookParts({
  sheets,
  styles = '',
  strings = '',
  workbook = '',
  extra = {},
}: WorkbookParts) {
  const parts: Record<string, Part> = {
    '[Content_Types].xml': `<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
    '_rels/.rels': relationsPart([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook ${sheetNames}>${workbook}<sheets>${sheets
      .map(
        ({ name, state }, i) =>
          `<sheet name="${name ?? `Sheet${i + 1}`}" sheetId="${i + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${i + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationsPart([
      ...sheets.map((_, i): Related => [`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`]),
      ['rIdS', 'styles', 'styles.xml'],
      ['rIdT', 'sharedStrings', 'sharedStrings.xml'],
    ]),
    'xl/styles.xml': `<styleSheet ${sheetNames}>${styles}</styleSheet>`,
    'xl/sharedStrings.xml': `<sst ${sheetNames}>${strings}</sst>`,
  };
  for (const [i, { rows, before = '', after = '', related }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${i + 1}.xml`] =
      `<worksheet ${sheetNames}>${before}<sheetData>${rows}</sheetData>${after}</worksheet>`;
    if (related) parts[`xl/worksheets/_rels/sheet${i + 1}.xml.rels`] = relationsPart(related);
  }
  return { ...parts, ...extra };
}

export const workbookOf = (parts: WorkbookParts): Buffer => zip(workbookParts(parts));

/** A cell with a text. */
export const textCell = (text: string, at = ''): string =>
  `<c${at === '' ? '' : ` r="${at}"`} t="inlineStr"><is><t>${text}</t></is></c>`;

/** A cell with a number and the index of its style. */
export const numberCell = (value: number | string, style = 0, at = ''): string =>
  `<c${at === '' ? '' : ` r="${at}"`} s="${style}"><v>${value}</v></c>`;

export const sheetRow = (...cells: readonly string[]): string => `<row>${cells.join('')}</row>`;
