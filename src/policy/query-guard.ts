import { HydrogenError } from '../errors.ts';

const javascript = new Set(['$where', '$function', '$accumulator']);
const writing = new Set(['$out', '$merge']);
/** Stages that name another collection, which is checked. */
const reading = new Set(['$lookup', '$graphLookup', '$unionWith']);
/** Stages that reveal what other users do or how the server is built, or hold resources open. */
const administrative = new Set([
  '$backupCursor',
  '$backupCursorExtend',
  '$changeStream',
  '$changeStreamSplitLargeEvent',
  '$currentOp',
  '$listCachedAndActiveUsers',
  '$listCatalog',
  '$listClusterCatalog',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSessions',
  '$mergeCursors',
  '$operationMetrics',
  '$planCacheStats',
  '$querySettings',
  '$queryStats',
  '$shardedDataDistribution',
]);
/** Prefix of operators that servers reserve for internal use; some of them run JavaScript. */
const internal = '$_';
/** Databases reserved by the server: users, settings, the replication log. */
const internalDatabases = new Set(['admin', 'config', 'local']);
/** MongoDB's nesting limit for documents. */
const maxDepth = 100;
/** Names, values and characters of text in one argument. A list of 50,000 ids is well below it. */
const maxSize = 4_000_000;

function refuse(message: string): never {
  throw new HydrogenError('not_allowed', message);
}

const printable = /^[!-~]*$/;

/** Compatibility forms of "$" and invisible characters must not hide an operator. */
function plain(name: string): string {
  if (printable.test(name)) return name;
  return name.normalize('NFKC').replace(/[\p{Cf}\p{Cc}\s]/gu, '');
}

function checkName(name: string): void {
  if (javascript.has(name)) {
    refuse(`${name} is refused: no JavaScript is run from a query. Use $expr with aggregation operators.`);
  }
  if (writing.has(name)) {
    refuse(`${name} is refused: queries here only read. Leave the stage out to get the documents back.`);
  }
  if (administrative.has(name) || name.startsWith(internal)) {
    refuse(`${name} is refused: queries here read documents of collections only.`);
  }
}

/** The collection that $lookup and its kin read: a name, or {db, coll}. */
function checkSource(source: unknown): void {
  if (typeof source === 'string' && /^(system|enxcol_)\./.test(plain(source))) {
    refuse(`The collection "${source}" is the server's own: it is not read.`);
  }
  if (typeof source !== 'object' || source === null) return;
  const { db, coll, from } = source as Record<string, unknown>;
  if (typeof db === 'string' && internalDatabases.has(plain(db))) {
    refuse(`The database "${db}" is the server's own: it is not read.`);
  }
  for (const name of [coll, from]) checkSource(name);
}

function check(value: unknown, depth: number, budget: { left: number }): void {
  budget.left -= typeof value === 'string' ? value.length + 1 : 1;
  if (budget.left < 0) {
    throw new HydrogenError(
      'too_large',
      `An argument is too large: more than ${maxSize.toLocaleString('en')} values and characters. Send less at a time; a file is loaded with \`hydrogen import\`.`,
    );
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) refuse(`The query is nested more than ${maxDepth} levels deep. Write it flatter.`);
  if (Array.isArray(value)) {
    for (const item of value) check(item, depth + 1, budget);
    return;
  }
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    const name = plain(key);
    if (name.startsWith('$')) {
      checkName(name);
      if (reading.has(name)) checkSource(inner);
    }
    budget.left -= key.length;
    check(inner, depth + 1, budget);
  }
}

/**
 * Refuses what a read must never do, at any depth: JavaScript operators, stages that write, a server's own collections.
 * The price is that a document with such a field name as data cannot be queried by it.
 * @throws HydrogenError `not_allowed` naming the operator; `too_large` for an argument of megabytes.
 */
export function guardQuery(...parts: readonly unknown[]): void {
  for (const part of parts) check(part, 0, { left: maxSize });
}
