import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { areInPlace, filesAt, type OpenFiles } from './open-files.ts';

type SingleRow = Readonly<Record<string, SQLOutputValue>>;

/**
 * Reads single rows on the thread that asks: handing a read over to a store thread and back takes ten times as long as
 * one by an index does. Never waits for a lock.
 */
export interface SingleRows {
  /**
   * @param sql finds at most one row, by an index
   * @returns undefined when there is no such row, or the file cannot be read right now: a store thread tells which
   */
  read(sql: string, values: readonly SQLInputValue[]): SingleRow | undefined;
  /** Closes the connection; the next read opens one again. */
  close(): void;
}

interface Open {
  readonly db: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
  /** Known once something was read, which opens the log. */
  files?: OpenFiles | undefined;
}

/** A row may be of the files that were at the paths so long ago: to ask costs as much as to read it. */
const lookEveryMs = 20;

function open(file: string): Open {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  return { db, statements: new Map() };
}

/**
 * @param idleMs the connection is closed when it was not used for this long
 * @param moved hears that other files are at the paths than were opened: until all others are closed, too, a connection would
 * read the log of before
 */
export function createSingleRows(file: string, idleMs: number, moved: () => void = () => {}): SingleRows {
  let opened: Open | undefined;
  let [usedAt, lookedAt] = [0, 0];
  let timer: NodeJS.Timeout | undefined;

  function close(): void {
    clearInterval(timer);
    const { db } = opened ?? {};
    opened = undefined;
    db?.close();
  }

  /** Whether what was opened is at the paths. */
  function isInPlace({ files }: Open): boolean {
    if (files === undefined || usedAt - lookedAt < lookEveryMs) return true;
    lookedAt = usedAt;
    const isThere = areInPlace(files, file);
    if (isThere === false) moved();
    return isThere === true;
  }

  function look(one: Open): void {
    const { main, log, shared } = filesAt(file);
    one.files = main && { main, log, shared };
    lookedAt = usedAt;
  }

  return {
    read(sql, values) {
      try {
        usedAt = performance.now();
        if (opened && !isInPlace(opened)) {
          close();
          return undefined;
        }
        if (opened === undefined) {
          opened = open(file);
          timer = setInterval(() => performance.now() - usedAt > idleMs && close(), idleMs).unref();
        }
        const known = opened.statements.get(sql) ?? opened.db.prepare(sql);
        opened.statements.set(sql, known);
        const row = known.get(...values);
        if (opened.files === undefined) look(opened);
        return row;
      } catch {
        close();
        return undefined;
      }
    },
    close,
  };
}
