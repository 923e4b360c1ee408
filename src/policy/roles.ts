import type { Caller, Operation } from '../call.ts';
import type { Role } from '../config/roles.ts';
import type { Config } from '../config.ts';
import type { Document } from '../mql/index.ts';
import type { CollectionRule, DataRules, RuledNamespace } from './data-rules.ts';
import { type Pattern, patternOf, patternsOf } from './patterns.ts';
import { withClaims } from './row-filter.ts';

/** What a caller may do with a source of the library. */
export interface SourceRule {
  /** Only these documents exist for the caller, by their facts. Absent: all. */
  readonly rows?: Document;
}

/** What the roles of a caller allow. What one of them allows is allowed, together with what the same one says of it. */
export interface Grants {
  /** No role narrows the caller. */
  readonly isUnrestricted: boolean;
  /** Whether a tool with this operation may be used, on whatever it is. */
  tool(name: string, operation: Operation): boolean;
  /** Whether there may be any tool with this operation. */
  anyTool(operation: Operation): boolean;
  workflow(name: string): boolean;
  /** What exists for the caller where a tool of that operation asks. */
  data(operation: Operation): DataRules;
  connection(name: string): boolean;
  /** Whether a caller who asks in such an operation may not see all sources, or all of them whole. */
  areSourcesNarrowed(operation: Operation): boolean;
  /** undefined: the source does not exist for the caller. */
  source(name: string, operation: Operation): SourceRule | undefined;
}

/** connection/database/collection; a collection's name may have slashes. */
interface CollectionPattern {
  readonly isExclusion: boolean;
  readonly connection: Pattern;
  readonly database: Pattern;
  readonly collection: Pattern;
}

function collectionPatternOf(text: string): CollectionPattern {
  const isExclusion = text.startsWith('!');
  const [connection = '', database = '', ...collection] = text.slice(isExclusion ? 1 : 0).split('/');
  return {
    isExclusion,
    connection: patternOf(connection),
    database: patternOf(database),
    collection: patternOf(collection.join('/')),
  };
}

/** Tells whether a collection is meant by a pattern. */
export function collectionMatcher(text: string): (namespace: RuledNamespace) => boolean {
  const pattern = collectionPatternOf(text);
  return (namespace) => isMeant(pattern, namespace);
}

const isMeant = (pattern: CollectionPattern, { connection, database, collection }: RuledNamespace): boolean =>
  pattern.connection(connection) && pattern.database(database) && pattern.collection(collection);

/** A role with its patterns compiled. */
interface CompiledRole {
  allows(operation: Operation): boolean;
  readonly tool: Pattern;
  readonly workflow: Pattern;
  readonly source: Pattern;
  readonly hasAllSources: boolean;
  connection(name: string): boolean;
  database(connection: string, database: string): boolean;
  collection(namespace: RuledNamespace): boolean;
  rowsOf(namespace: RuledNamespace): readonly Role['rows'][number]['filter'][];
  rowsOfSource(name: string): readonly Role['rows'][number]['filter'][];
  hidden(namespace: RuledNamespace): readonly string[];
}

function compile({ operations, tools, collections, sources, workflows, rows, hidden }: Role): CompiledRole {
  const patterns = collections?.map(collectionPatternOf) ?? [];
  const taken = patterns.filter(({ isExclusion }) => !isExclusion);
  const left = patterns.filter(({ isExclusion }) => isExclusion);
  const rowsByCollection = rows.flatMap((rule) =>
    'collection' in rule ? [{ pattern: collectionPatternOf(rule.collection), filter: rule.filter }] : [],
  );
  const rowsBySource = rows.flatMap((rule) =>
    'source' in rule ? [{ matches: patternOf(rule.source), filter: rule.filter }] : [],
  );
  const hiddenBy = hidden.map(({ collection, fields }) => ({
    pattern: collectionPatternOf(collection),
    fields,
  }));
  const isTaken = (matches: (pattern: CollectionPattern) => boolean): boolean =>
    taken.length === 0 ? collections?.length !== 0 : taken.some(matches);
  return {
    allows: (operation) => operations === undefined || operations.includes(operation),
    tool: patternsOf(tools),
    workflow: patternsOf(workflows),
    source: patternsOf(sources),
    hasAllSources: sources === undefined && rowsBySource.length === 0,
    connection: (name) => isTaken(({ connection }) => connection(name)),
    database: (connection, database) =>
      isTaken((pattern) => pattern.connection(connection) && pattern.database(database)),
    collection: (namespace) =>
      isTaken((pattern) => isMeant(pattern, namespace)) &&
      !left.some((pattern) => isMeant(pattern, namespace)),
    rowsOf: (namespace) =>
      rowsByCollection.filter(({ pattern }) => isMeant(pattern, namespace)).map(({ filter }) => filter),
    rowsOfSource: (name) => rowsBySource.filter(({ matches }) => matches(name)).map(({ filter }) => filter),
    hidden: (namespace) =>
      hiddenBy.filter(({ pattern }) => isMeant(pattern, namespace)).flatMap(({ fields }) => fields),
  };
}

/** All filters of one role hold; where any role has none, there is no restriction. */
function anyOf(filters: readonly (readonly Document[])[]): Document | undefined {
  if (filters.some((all) => all.length === 0)) return undefined;
  const each = filters.map((all) => (all.length === 1 ? (all[0] as Document) : { $and: [...all] }));
  return each.length === 1 ? each[0] : { $or: each };
}

const everything: CollectionRule = { hidden: [] };
const unrestrictedData: DataRules = {
  isUnrestricted: true,
  collection: () => everything,
  database: () => true,
};
const unrestricted: Grants = {
  isUnrestricted: true,
  tool: () => true,
  anyTool: () => true,
  workflow: () => true,
  data: () => unrestrictedData,
  connection: () => true,
  areSourcesNarrowed: () => false,
  source: () => ({}),
};

function grantsOfRoles(roles: readonly CompiledRole[], claims: Caller['claims']): Grants {
  const fill = (filters: readonly Role['rows'][number]['filter'][]): Document[] =>
    filters.map((filter) => withClaims(filter, claims));
  const having = (operation: Operation): CompiledRole[] => roles.filter((role) => role.allows(operation));

  function collectionRule(operation: Operation, namespace: RuledNamespace): CollectionRule | undefined {
    const granting = having(operation).filter((role) => role.collection(namespace));
    if (granting.length === 0) return undefined;
    const rows = anyOf(granting.map((role) => fill(role.rowsOf(namespace))));
    // What one role hides stays hidden: which of them let a row through is not known later.
    const hidden = [...new Set(granting.flatMap((role) => role.hidden(namespace)))];
    return { hidden, ...(rows && { rows }) };
  }

  return {
    isUnrestricted: false,
    tool: (name, operation) => having(operation).some((role) => role.tool(name)),
    anyTool: (operation) => having(operation).length > 0,
    workflow: (name) => having('run').some((role) => role.workflow(name)),
    data: (operation) => ({
      isUnrestricted: false,
      collection: (namespace) => collectionRule(operation, namespace),
      database: ({ connection, database }) =>
        having(operation).some((role) => role.database(connection, database)),
    }),
    connection: (name) => roles.some((role) => role.connection(name)),
    areSourcesNarrowed: (operation) => !having(operation).some((role) => role.hasAllSources),
    source(name, operation) {
      const granting = having(operation).filter((role) => role.source(name));
      if (granting.length === 0) return undefined;
      const rows = anyOf(granting.map((role) => fill(role.rowsOfSource(name))));
      return rows ? { rows } : {};
    },
  };
}

/** What the settings allow a caller; a role that they no longer have allows nothing. */
export function createGrants({ roles }: Pick<Config, 'roles'>): (caller: Caller) => Grants {
  const compiled = new Map<string, CompiledRole>();
  for (const [name, role] of Object.entries(roles)) compiled.set(name, compile(role));
  const known = new WeakMap<Caller, Grants>();
  return (caller) => {
    if (caller.roles === undefined) return unrestricted;
    const found = known.get(caller);
    if (found) return found;
    const own = [...new Set(caller.roles)].flatMap((name) => compiled.get(name) ?? []);
    const grants = grantsOfRoles(own, caller.claims);
    known.set(caller, grants);
    return grants;
  };
}

const byRoles = new WeakMap<Config['roles'], (caller: Caller) => Grants>();

/** As the roles of the settings are at this moment. */
export function grantsOf({ roles }: Pick<Config, 'roles'>, caller: Caller): Grants {
  const made = byRoles.get(roles) ?? createGrants({ roles });
  byRoles.set(roles, made);
  return made(caller);
}
