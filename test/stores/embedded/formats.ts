import type { DatabaseSync } from 'node:sqlite';
import { migrations } from '../../../src/stores/embedded/migrations.ts';

/** Makes a store of an earlier format, as the program of that time did. */
export function createFormat(db: DatabaseSync, version: number): void {
  for (const migrate of migrations.slice(0, version)) migrate(db);
  db.exec(`PRAGMA user_version = ${version}`);
}

/** The parts of a parenthesis that no comma within another one separates. */
function partsOf(list: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of list) {
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

/**
 * A table a paragraph, a column a line: what `ALTER TABLE` added reads like what was there from the beginning,
 * and a table that was renamed like one that was not.
 */
function laidOut(sql: string): string {
  const [, head, list = '', tail] = /^([^(]*)\((.*)\)([^)]*)$/s.exec(sql.replace(/\s+/g, ' ')) ?? [];
  if (!sql.startsWith('CREATE TABLE')) return `${sql.replace(/\s+/g, ' ')};`;
  return `${head?.replaceAll('"', '')}(\n  ${partsOf(list).join(',\n  ')}\n)${tail};`;
}

/** All tables and indexes of a store, by name, whichever way they were made. */
export function schemaOf(db: DatabaseSync): string {
  const rows = db
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name",
    )
    .all();
  return rows.map(({ sql }) => laidOut(String(sql))).join('\n');
}
