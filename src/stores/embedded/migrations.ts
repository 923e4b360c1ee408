import { decode } from '../../mql/index.ts';
import { fieldsOf } from './documents/pushdown/fields.ts';
import type { Migration } from './engine/migrate.ts';
import type { formatVersion } from './format.ts';
import { createTables } from './migrations/001-tables.ts';
import { addDocumentIndexes } from './migrations/002-document-indexes.ts';
import { addUsedConfirmations } from './migrations/003-used-confirmations.ts';
import { addVectorSpaces } from './migrations/004-vector-spaces.ts';
import { addPositions } from './migrations/005-positions.ts';
import { addKeptPlaces } from './migrations/006-kept-places.ts';
import { addStepNotes } from './migrations/007-step-notes.ts';
import { addAccess } from './migrations/008-access.ts';
import { addAuditTexts } from './migrations/009-audit-texts.ts';
import { addStepErrors } from './migrations/010-step-errors.ts';

/**
 * Every format of the store file since the first: entry n migrates a file from format n to n + 1, and a new file goes
 * through them all. A file in `migrations/` is frozen once it is released: it imports nothing from this program, a test
 * pins its hash, and a change of format is a new file. Their combined result is in `schema.sql`.
 */
export const migrations: readonly Migration[] & { readonly length: typeof formatVersion } = [
  createTables,
  (db) => addDocumentIndexes(db, (bson) => fieldsOf(decode(bson))),
  addUsedConfirmations,
  addVectorSpaces,
  addPositions,
  addKeptPlaces,
  addStepNotes,
  addAccess,
  addAuditTexts,
  addStepErrors,
];
