import type { DatabaseSync } from 'node:sqlite';
import { defineOperations, handlersOf } from '../../../../src/stores/embedded/engine/operations.ts';
import type { Session } from '../../../../src/stores/embedded/engine/session.ts';

// An area of one table. The engine needs to know no more of what it stores.

export const migrations = [
  (db: DatabaseSync) => db.exec('CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT) STRICT'),
];

const noteHandlers = {
  add({ db }: Session, id: string, text: string): void {
    db.prepare('INSERT INTO notes (id, text) VALUES (?, ?)').run(id, text);
  },
  all: ({ db }: Session): unknown[] => db.prepare('SELECT id, text FROM notes ORDER BY id').all(),
  addBoth(session: Session, ids: readonly string[]): number {
    for (const id of ids) noteHandlers.add(session, id, '');
    return ids.length;
  },
  addWhileReading: (session: Session, id: string): void => noteHandlers.add(session, id, ''),
};

export const noteOperations = defineOperations<typeof noteHandlers>('notes', {
  add: 'write',
  all: 'read',
  addBoth: 'write',
  addWhileReading: 'read',
});

export const handlers = handlersOf(noteOperations, noteHandlers);
