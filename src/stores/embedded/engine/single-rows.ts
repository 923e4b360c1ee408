import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

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
}

function open(file: string): Open {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  return { db, statements: new Map() };
}

/** @param idleMs the connection is closed when it was not used for this long */
export function createSingleRows(file: string, idleMs: number): SingleRows {
  let opened: Open | undefined;
  let usedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function close(): void {
    clearInterval(timer);
    const { db } = opened ?? {};
    opened = undefined;
    db?.close();
  }

  return {
    read(sql, values) {
      try {
        if (opened === undefined) {
          opened = open(file);
          timer = setInterval(() => performance.now() - usedAt > idleMs && close(), idleMs).unref();
        }
        usedAt = performance.now();
        const known = opened.statements.get(sql) ?? opened.db.prepare(sql);
        opened.statements.set(sql, known);
        return known.get(...values);
      } catch {
        close();
        return undefined;
      }
    },
    close,
  };
}
