import { formatOf } from '../../stores/documents/import/endings.ts';
import type { DocumentType } from './formats.ts';

/** Formats of which `hydrogen import` makes collections. */
const importable: ReadonlySet<DocumentType> = new Set(['csv', 'json', 'jsonl', 'xlsx', 'ods']);

/** How workbooks are saved whose endings an import does not take, such as templates. */
const savedAs: Readonly<Partial<Record<DocumentType, string>>> = { xlsx: '.xlsx', ods: '.ods' };

/** What else is to be done with the rows of a file; nothing where an import does not take it. */
export function importAdvice(type: DocumentType, name: string): string {
  if (!importable.has(type)) return '';
  if (formatOf(name).format !== undefined) return '; to query them, import the file (`hydrogen import`)';
  const ending = savedAs[type];
  return ending === undefined
    ? ''
    : `; to query them, save the file as ${ending} and import that (\`hydrogen import\`)`;
}
