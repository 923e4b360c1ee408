import { badInput, notSupported } from '../../../../errors.ts';
import type { Document } from '../../../../mql/index.ts';
import type { NewIndex } from '../../../documents/document-store.ts';
import type { IndexField } from './definition.ts';

/** MongoDB's limits: https://www.mongodb.com/docs/manual/reference/limits/ */
const maxFields = 32;
const maxNameLength = 127;

const knownOptions = ['database', 'collection', 'key', 'name', 'unique'];
const special = ['text', '2d', '2dsphere', 'hashed', 'geoHaystack'];

const example = 'as in { status: 1, createdAt: -1 }';

function checkPath(path: string): void {
  const parts = path.split('.');
  if (path.includes('$**')) throw notSupported('a wildcard index', 'list the fields with 1 or -1');
  if (parts.some((part) => part === '' || part.startsWith('$'))) {
    throw badInput(`"${path}" is not a field that can be indexed.`);
  }
  if (parts.some((part) => /^\d+$/.test(part))) {
    throw notSupported(`an index on an array position ("${path}")`, 'index the whole array instead');
  }
}

function directionOf(path: string, value: unknown): 1 | -1 {
  if (typeof value === 'string' && special.includes(value)) {
    throw notSupported(`a ${value} index`, 'the embedded store has ascending (1) and descending (-1) ones');
  }
  const direction = Number(value);
  if (typeof value === 'boolean' || value === null || !Number.isFinite(direction) || direction === 0) {
    throw badInput(`"${path}" must be indexed with 1 or -1, ${example}.`);
  }
  return direction < 0 ? -1 : 1;
}

/**
 * The fields of a requested index.
 * @throws HydrogenError `not_supported`, by name, for kinds and options other than ascending, descending, compound and
 * unique; `bad_input`
 */
export function declaredFields(index: NewIndex): IndexField[] {
  for (const option of Object.keys(index)) {
    if (!knownOptions.includes(option)) throw notSupported(`the index option "${option}"`);
  }
  const fields = Object.entries(index.key).map(([path, value]): IndexField => {
    checkPath(path);
    return { path, direction: directionOf(path, value) };
  });
  if (fields.length === 0) throw badInput(`An index needs at least one field, ${example}.`);
  if (fields.length > maxFields) throw badInput(`An index can have at most ${maxFields} fields.`);
  const name = index.name;
  if (name !== undefined && (name === '' || name === '*' || name.length > maxNameLength)) {
    throw badInput(`An index name has 1 to ${maxNameLength} characters and is not "*".`);
  }
  return fields;
}

/** MongoDB's name for an unnamed index. */
export function defaultName(fields: readonly IndexField[]): string {
  return fields.map(({ path, direction }) => `${path}_${direction}`).join('_');
}

export function keyDocument(fields: readonly IndexField[]): Document {
  return Object.fromEntries(fields.map(({ path, direction }) => [path, direction]));
}
