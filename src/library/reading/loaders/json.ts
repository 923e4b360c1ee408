import { parseJsonNumbers } from '../../../mql/formats.ts';
import { type Block, type LoadedDocument, Unreadable } from './loader.ts';

/** `JSON.rawJSON` of ECMAScript 2026, which TypeScript does not know yet. */
const rawJson = JSON as typeof JSON & {
  rawJSON(text: string): { readonly rawJSON: string };
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/** Numbers that a double may not hold as they are written. */
const mayChange = /\d{16}|\d[eE][+-]?\d{3}|-0/;

/** A document is text: its numbers keep the digits that they have in the file. @throws SyntaxError */
function parseAsWritten(text: string): unknown {
  if (!mayChange.test(text)) return JSON.parse(text);
  return parseJsonNumbers(text, (source) =>
    JSON.stringify(Number(source)) === source ? Number(source) : rawJson.rawJSON(source),
  );
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !rawJson.isRawJSON(value);

const scalarText = (value: unknown): string => (rawJson.isRawJSON(value) ? value.rawJSON : String(value));

/** A value up to this long as JSON is one record; a longer one is broken down. */
const recordLength = 1_000;
const maxDepth = 200;

/** `path: value` for every scalar in a value; scalars of a list share a line. */
function flatten(value: unknown, path: string, lines: string[]): void {
  const label = path === '' ? '' : `${path}: `;
  if (Array.isArray(value) && !value.some(isContainer)) {
    if (value.length > 0)
      lines.push(label + value.map((item) => (item === null ? '' : scalarText(item))).join(', '));
  } else if (isContainer(value)) {
    for (const [key, item] of Object.entries(value))
      flatten(item, path === '' ? key : `${path}.${key}`, lines);
  } else if (value !== null && value !== '') {
    lines.push(label + scalarText(value));
  }
}

function recordText(value: unknown, path: string): string {
  const lines: string[] = [];
  flatten(value, path, lines);
  return lines.join('\n');
}

/** Approximately what is left of `room` after a value as JSON; negative as soon as the value is longer. */
function roomAfter(value: unknown, room: number): number {
  if (!isContainer(value)) return room - (JSON.stringify(value)?.length ?? 4) - 1;
  let left = room - 2;
  for (const [key, item] of Object.entries(value)) {
    if (left < 0) return left;
    left = roomAfter(item, left - (Array.isArray(value) ? 0 : key.length + 3));
  }
  return left;
}

/** Writes the text of a long value as its parts are visited, so that their line numbers are known. */
function visit(value: unknown, path: readonly string[], indent: string, label: string, out: Output): void {
  if (!isContainer(value) || roomAfter(value, recordLength) >= 0 || path.length >= maxDepth) {
    const first = out.lines() + 1;
    out.write((indent + label + JSON.stringify(value, null, 2)).replaceAll('\n', `\n${indent}`));
    const key = path.at(-1) ?? '';
    const text = recordText(value, /^\d+$/.test(key) ? '' : key);
    const heading = path.slice(0, -1).filter((part) => !/^\d+$/.test(part));
    if (text !== '') out.blocks.push({ heading, lines: [first, out.lines()], text, rows: true });
    return;
  }
  const isList = Array.isArray(value);
  out.write(`${indent}${label}${isList ? '[' : '{'}`);
  const entries = Object.entries(value);
  for (const [i, [key, item]] of entries.entries()) {
    visit(item, [...path, key], `${indent}  `, isList ? '' : `${JSON.stringify(key)}: `, out);
    if (i < entries.length - 1) out.comma();
  }
  out.write(`${indent}${isList ? ']' : '}'}`);
}

interface Output {
  /** Adds one or more lines. */
  write(text: string): void;
  /** Adds a comma to the last line. */
  comma(): void;
  /** Number of lines. */
  lines(): number;
  text(): string;
  readonly blocks: Block[];
}

function createOutput(): Output {
  const parts: string[] = [];
  let count = 0;
  return {
    write(text) {
      parts.push(text);
      for (let at = 0; at >= 0; at = text.indexOf('\n', at + 1)) count++;
    },
    comma() {
      parts.push(`${parts.pop() ?? ''},`);
    },
    lines: () => count,
    text: () => parts.join('\n'),
    blocks: [],
  };
}

/** A string called `title` or `name` at the top. */
function titleOf(value: unknown, name: string): string {
  const title = (value as { title?: unknown; name?: unknown } | null)?.title;
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : name;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => isContainer(value) && !Array.isArray(value);

/** The features of GeoJSON (RFC 7946). */
function featuresOf(value: unknown): readonly Json[] | undefined {
  if (!isObject(value) || value['type'] !== 'FeatureCollection' || !Array.isArray(value['features']))
    return undefined;
  return value['features'].filter(isObject);
}

/** Positions of a geometry that are written out; of a longer one only how many there are. */
const maxPositions = 4;

function positionsIn(coordinates: unknown): unknown[] {
  if (!Array.isArray(coordinates)) return [];
  return coordinates.some(Array.isArray) ? coordinates.flatMap(positionsIn) : [coordinates];
}

/** A feature as lines: its properties, and its geometry, of which long ones are only counted. */
function featureLines({ id, properties, geometry }: Json): {
  readonly lines: string[];
  readonly isCut: boolean;
} {
  const lines: string[] = [];
  if (id !== undefined) flatten(id, 'id', lines);
  flatten(properties, '', lines);
  if (!isObject(geometry)) return { lines, isCut: false };
  const positions = positionsIn(geometry['coordinates']);
  const isCut = positions.length > maxPositions;
  const where = isCut
    ? `${positions.length} positions`
    : positions.map((one) => JSON.stringify(one)).join(' ');
  lines.push(`geometry: ${scalarText(geometry['type'])}, ${where}`);
  return { lines, isCut };
}

/** GeoJSON: each feature is a record. */
function writeFeatures(features: readonly Json[]): Omit<LoadedDocument, 'title'> {
  const text: string[] = [];
  const blocks: Block[] = [];
  let cut = 0;
  for (const feature of features) {
    const { lines, isCut } = featureLines(feature);
    if (isCut) cut++;
    if (lines.length === 0) continue;
    if (text.length > 0) text.push('');
    blocks.push({
      heading: [],
      lines: [text.length + 1, text.length + lines.length],
      text: lines.join('\n'),
      rows: true,
    });
    text.push(...lines);
  }
  const remarks =
    cut > 0 ? { remarks: [`the coordinates of ${cut} geometries are counted, not written`] } : {};
  return { text: text.join('\n'), metadata: { features: features.length }, blocks, ...remarks };
}

/** JSON: text indented by two; records (list items, members) become `key: value` lines. */
export function loadJson(source: string, name: string): LoadedDocument {
  let value: unknown;
  try {
    value = parseAsWritten(source);
  } catch {
    throw new Unreadable('not valid JSON');
  }
  const features = featuresOf(value);
  if (features) return { title: titleOf(value, name), ...writeFeatures(features) };
  const out = createOutput();
  visit(value, [], '', '', out);
  return { title: titleOf(value, name), text: out.text(), metadata: {}, blocks: out.blocks };
}

/** Most line numbers listed in a message. */
const maxNamed = 5;

function badLines(lines: readonly number[]): string {
  const named = lines.slice(0, maxNamed).join(', ');
  if (lines.length === 1) return `line ${named} is not valid JSON`;
  return `${lines.length} lines are not valid JSON (${named}${lines.length > maxNamed ? ', …' : ''})`;
}

/** JSON lines: every line is a record; invalid ones are skipped. */
export function loadJsonLines(source: string, name: string): LoadedDocument {
  const blocks: Block[] = [];
  const bad: number[] = [];
  for (const [i, line] of source.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = parseAsWritten(line);
    } catch {
      bad.push(i + 1);
      continue;
    }
    const text = recordText(value, '');
    if (text !== '') blocks.push({ heading: [], lines: [i + 1, i + 1], text, rows: true });
  }
  if (blocks.length === 0 && bad.length > 0) throw new Unreadable(badLines(bad));
  const remarks = bad.length > 0 ? { remarks: [`${badLines(bad)}: skipped`] } : {};
  return { title: name, text: source, metadata: {}, blocks, ...remarks };
}
