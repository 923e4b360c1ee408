import type { ColumnReport } from '../stores/documents/import/document-reader.ts';
import type { ImportedFile, PathReport } from '../stores/documents/import/import-path.ts';
import { plural } from '../tools/common/queries.ts';
import { note, write } from './output.ts';

/** Most lines of each kind about one file, and names in one line: what is told of a file fits a screen. */
const maxLines = 6;
const maxNames = 8;
/** Most files that are told about one by one. */
const maxFiles = 50;

const number = (value: number): string => value.toLocaleString('en');

/** A column that is not all of one type, and what to do about the values that do not fit. */
function oddLine({ field, type, filled, mostly, odd, example }: ColumnReport, unit: string): string {
  const such = example ? `, e.g. "${example.text}" in ${unit} ${example.at}` : '';
  const count = `${number(odd)} of ${number(filled)}`;
  const verb = odd === 1 ? 'is' : 'are';
  if (mostly !== undefined) {
    return `${field}: ${type}, since ${count} ${verb} not ${mostly}${such} (--type ${field}=${mostly} keeps only those as text)`;
  }
  if (odd === filled && odd > 1)
    return `${field}: none of ${number(filled)} values is of the type ${type}${such}`;
  return `${field}: ${type}; ${count} ${verb} not, and ${odd === 1 ? 'stays what it is' : 'stay what they are'}${such}`;
}

function limited(lines: readonly string[], what: string): string[] {
  const more = lines.length - maxLines;
  // A line that says how many more there are stands for two at least.
  return more > 1
    ? [...lines.slice(0, maxLines), `and ${number(more)} more ${what} (--json lists all)`]
    : [...lines];
}

/** What the values of a column became. */
function becameOf({ type, filled, odd, mostly }: ColumnReport, unit: string): string {
  if (filled === 0) return 'empty';
  if (odd === 0 || mostly !== undefined) return type;
  if (unit === 'row') return odd === filled ? 'unchanged' : `${type} and others`;
  return odd === filled ? 'string' : `${type} and string`;
}

/** The names of the columns by their type, the most frequent type first. */
function typeLines(columns: readonly ColumnReport[], unit: string): string[] {
  const byType = Map.groupBy(columns, (column) => becameOf(column, unit));
  return [...byType]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([type, found]) => {
      const names = found.slice(0, maxNames).map(({ field }) => field);
      const more = found.length > maxNames ? ` and ${number(found.length - maxNames)} more` : '';
      return `${type}: ${names.join(', ')}${more}`;
    });
}

/** An option of the import that a line recommends; with another one the documents get other `_id`s. */
const advice = /--(type|decimal|thousands|date-format)\b|another encoding/;
const again = 'Importing this file again with other options adds its rows a second time: use --drop';

/** What is told of a file below its line. */
function detailsOf(
  { columns = [], notes, sheet, inserted, replaced, unchanged, refused = 0 }: ImportedFile,
  drop: boolean,
): string[] {
  const unit = sheet === undefined ? 'line' : 'row';
  const odd = columns.filter((column) => column.odd > 0).map((column) => oddLine(column, unit));
  const hints = columns.flatMap(({ field, hint }) => (hint === undefined ? [] : [`${field} ${hint}`]));
  const count = inserted + replaced + unchanged;
  const isAdvised = [...odd, ...hints, ...notes].some((line) => advice.test(line));
  return [
    ...(count + refused === 0 ? ['the file holds no documents'] : []),
    ...typeLines(columns, unit),
    ...limited([...odd, ...hints], 'columns'),
    ...limited(notes, 'notes'),
    ...(isAdvised && !drop && inserted + replaced > 0 ? [again] : []),
  ];
}

function reportFile(file: ImportedFile, name: string, drop: boolean): void {
  const { inserted, replaced, unchanged, refused = 0, indexes } = file;
  const left = refused > 0 ? `, ${number(refused)} refused` : '';
  const made = indexes > 0 ? `, ${plural(indexes, 'index', 'indexes')} made` : '';
  write(
    `${name}: ${plural(inserted, 'document')} inserted, ${number(replaced)} replaced, ${number(unchanged)} unchanged${left}${made}.`,
  );
  for (const line of detailsOf(file, drop)) note(`  ${line}`);
}

/** Tells what was imported from where: the results on stdout, what is worth knowing about them on stderr. */
export function reportImport({ imported, skipped, failed }: PathReport, drop: boolean): void {
  const isAlone = imported.length === 1 && failed.length === 0;
  const isOnePlace =
    new Set(imported.map(({ database, collection }) => `${database}.${collection}`)).size === 1;
  for (const file of imported.slice(0, maxFiles)) {
    const place = isAlone ? file.collection : `${file.database}.${file.collection}`;
    // Where all go into one collection, the file tells them apart.
    const from =
      imported.length > 1 && isOnePlace
        ? ` from ${file.file}${file.sheet === undefined ? '' : `, sheet ${file.sheet}`}`
        : '';
    reportFile(file, `${place}${from}`, drop);
  }
  if (imported.length > maxFiles) {
    const rest = imported.slice(maxFiles);
    const documents = rest.reduce(
      (sum, { inserted, replaced, unchanged }) => sum + inserted + replaced + unchanged,
      0,
    );
    write(`${plural(rest.length, 'more file')}: ${plural(documents, 'document')} (--json lists all).`);
  }
  for (const { path, reason } of skipped) note(`skipped ${path}: ${reason}`);
  for (const { path, reason } of failed) note(`failed ${path}: ${reason}`);
}
