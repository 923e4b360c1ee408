import type { DatabaseSync } from 'node:sqlite';
import { decode } from '../../../../mql/index.ts';
import { fieldsOf } from '../pushdown/fields.ts';
import { indexTables } from './schema.ts';

/** Brings a file to format 2: the tables, and the projection of the documents that are there. */
export function addIndexTables(db: DatabaseSync): void {
  db.exec(indexTables);
  db.function('fields_of', { deterministic: true }, (bson) => fieldsOf(decode(bson as Uint8Array)));
  db.exec('UPDATE documents SET fields = fields_of(bson)');
}
