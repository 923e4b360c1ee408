import { parse as parseToml, type TomlDate, type TomlValue } from 'smol-toml';
import { parseDocument } from 'yaml';
import { keepYamlNumbers } from '../../../exact-yaml.ts';
import { stringifyExactJson } from '../../../mql/formats.ts';
import { withNormalDates } from './dates.ts';

interface FrontMatter {
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Number of lines, fences included. */
  readonly lines: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws an error for what is no YAML */
function yamlValue(source: string): unknown {
  const yaml = parseDocument(source);
  const [error] = yaml.errors;
  if (error) throw error;
  keepYamlNumbers(yaml, (node) => {
    node.value = node.source;
  });
  return JSON.parse(stringifyExactJson(yaml.toJS({ maxAliasCount: 10 }) ?? {}));
}

/** A value of TOML as JSON has it, in which integers beyond 2^53 are what `parseExactJson` makes of them. */
function plainValue(value: TomlValue | bigint): unknown {
  if (typeof value === 'bigint') return { $numberLong: String(value) };
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Date) return (value as TomlDate).toISOString();
  if (Array.isArray(value)) return value.map(plainValue);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
}

/** @throws an error for what is no TOML */
const tomlValue = (source: string): unknown =>
  JSON.parse(
    stringifyExactJson(plainValue(parseToml(source, { integersAsBigInt: 'asNeeded', maxDepth: 100 }))),
  );

/** How front matter is fenced, and written. */
const kinds = [
  { open: '---', close: /^(---|\.\.\.)\s*$/, read: yamlValue },
  { open: '+++', close: /^\+\+\+\s*$/, read: tomlValue },
] as const;

/** YAML between `---` lines at the start, or TOML between `+++` lines. What is not valid is treated as text. */
export function frontMatter(lines: readonly string[]): FrontMatter {
  const none = { metadata: {}, lines: 0 };
  const first = lines[0]?.trimEnd();
  const kind = kinds.find(({ open }) => open === first);
  const end = kind ? lines.findIndex((line, i) => i > 0 && kind.close.test(line)) : -1;
  if (!kind || end < 0) return none;
  try {
    const value = kind.read(lines.slice(1, end).join('\n'));
    if (!isObject(value)) return none;
    // Some generators of sites have tags and categories in a table of their own.
    const { taxonomies } = value;
    // Metadata is stored, shown and filtered as JSON; dates are comparable as text.
    const metadata = withNormalDates({ ...(isObject(taxonomies) && taxonomies), ...value });
    return { metadata: metadata as Record<string, unknown>, lines: end + 1 };
  } catch {
    return none;
  }
}
