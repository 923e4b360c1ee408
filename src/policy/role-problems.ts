import { operations } from '../call.ts';
import type { Problems } from '../config/problems.ts';
import type { Role } from '../config/roles.ts';
import type { Config } from '../config.ts';
import { HydrogenError } from '../errors.ts';
import { similarNames } from '../similar-names.ts';
import { patternOf } from './patterns.ts';
import { createGrants, type Grants } from './roles.ts';
import { checkRowFilter } from './row-filter-problems.ts';

/** A source of the library that is made of a collection's documents. */
interface SourceOfCollection {
  readonly name: string;
  readonly connection: string;
  readonly namespace: { readonly database: string; readonly collection: string };
  /** Fields that are searched or shown; dotted paths. */
  readonly fields: readonly string[];
  readonly title?: string;
}

/** What rules may name: patterns without "*" must name something that there is. */
export interface NameableParts {
  readonly tools: readonly string[];
  readonly connections: readonly string[];
  readonly sources: readonly SourceOfCollection[];
}

/** What a list of documents does not tell of one, so that a rule could not be held everywhere. */
const unlistedFacts: ReadonlySet<string> = new Set(['modified', 'path', 'source']);

const overlap = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);

/** The paths of fields that a filter asks for. */
export function* fieldsOf(filter: unknown): Generator<string> {
  if (Array.isArray(filter)) for (const part of filter) yield* fieldsOf(part);
  else if (typeof filter === 'object' && filter !== null) {
    for (const [name, value] of Object.entries(filter)) {
      if (name.startsWith('$')) yield* fieldsOf(value);
      else yield name;
    }
  }
}

const plainName = (pattern: string): string => pattern.replace(/^!/, '');
const isPlain = (pattern: string): boolean => !pattern.includes('*');

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = similarNames(name, known).map((one) => `"${one}"`);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There is ${known.join(', ') || 'none'}.`;
  return `there is no ${what} "${name}". ${hint}`;
}

/** Names without "*" of what there is not. */
function* unknownNames(role: Role, { tools, connections }: NameableParts): Generator<string> {
  for (const tool of (role.tools ?? []).filter(isPlain).map(plainName)) {
    if (!tools.includes(tool)) yield unknown('tool', tool, tools);
  }
  const collections = [
    ...(role.collections ?? []),
    ...role.rows.flatMap((rule) => ('collection' in rule ? [rule.collection] : [])),
    ...role.hidden.map(({ collection }) => collection),
  ];
  for (const pattern of collections) {
    const [connection = ''] = plainName(pattern).split('/');
    if (isPlain(connection) && !connections.includes(connection)) {
      yield unknown('connection', connection, connections);
    }
  }
}

/** A rule for what it excludes would be none. */
function* exclusions({ rows, hidden }: Role): Generator<string> {
  const named = [...rows, ...hidden].map((rule) => ('collection' in rule ? rule.collection : rule.source));
  for (const pattern of named.filter((one) => one.startsWith('!'))) {
    yield `"${pattern}": a rule for rows or hidden fields names what it is for, without "!".`;
  }
}

/** A rule for what the role does not let in would be none: a name that was mistyped must not show what it was to hide. */
function* uselessRules({ rows, hidden }: Role, grants: Grants): Generator<string> {
  for (const rule of [...rows, ...hidden]) {
    const pattern = 'collection' in rule ? rule.collection : rule.source;
    if (!isPlain(pattern) || pattern.startsWith('!')) continue;
    if ('source' in rule) {
      if (!operations.some((operation) => grants.source(rule.source, operation))) {
        yield `there is a rule for the source "${rule.source}", which "sources" does not let in. Check the name in both.`;
      }
      continue;
    }
    const [connection = '', database = '', ...collection] = rule.collection.split('/');
    const namespace = { connection, database, collection: collection.join('/') };
    if (!operations.some((operation) => grants.data(operation).collection(namespace))) {
      yield `there is a rule for "${rule.collection}", which "collections" does not let in. Check the name in both.`;
    }
  }
}

function filterProblem(filter: Role['rows'][number]['filter']): string | undefined {
  try {
    checkRowFilter(filter);
    return undefined;
  } catch (error) {
    if (error instanceof HydrogenError) return error.message;
    throw error;
  }
}

function* rowProblems({ rows }: Role, { qdrantCollections }: Config): Generator<string> {
  for (const rule of rows) {
    const where = 'collection' in rule ? rule.collection : rule.source;
    const problem = filterProblem(rule.filter);
    if (problem !== undefined) yield `the filter for "${where}": ${problem}`;
    if ('collection' in rule) continue;
    const fact = [...fieldsOf(rule.filter)].find((field) => unlistedFacts.has(field.split('.')[0] ?? ''));
    if (fact !== undefined) {
      yield `the filter for "${where}" asks for "${fact}", which is not known of every document.`;
    }
    const matches = patternOf(rule.source);
    const elsewhere = qdrantCollections.find(({ name }) => matches(name));
    if (elsewhere) {
      yield `"${elsewhere.name}" is a Qdrant collection that others fill: its rows cannot be narrowed. Leave it out of "sources".`;
    }
  }
}

/** Sources of the library that would show what is hidden in the collection that they are made of. */
function* leakingSources({ source, data }: Grants, sources: NameableParts['sources']): Generator<string> {
  for (const { name, connection, namespace, fields, title } of sources) {
    const rule = source(name, 'read') && data('read').collection({ connection, ...namespace });
    if (!rule) continue;
    const shown = [...fields, ...(title === undefined ? [] : [title])];
    const hidden = rule.hidden.find((path) => shown.some((field) => overlap(field, path)));
    const reason =
      rule.rows !== undefined
        ? 'the role may see some of its rows only'
        : hidden !== undefined && `"${hidden}" is hidden from the role`;
    if (!reason) continue;
    yield `the source "${name}" is made of the collection "${namespace.collection}", and ${reason}: take the source out of "sources" (such as ["*", "!${name}"]).`;
  }
}

/** Where other settings name roles. */
function* rolesNamed({ localRole, limits, oauth }: Config): Generator<{ where: string; role: string }> {
  if (localRole !== undefined) yield { where: 'Setting "localRole"', role: localRole };
  for (const role of Object.keys(limits.roles ?? {})) yield { where: 'Setting "limits", "roles"', role };
  for (const { issuer, roles = {}, defaultRole } of oauth) {
    const where = `Setting "oauth", issuer "${issuer}"`;
    for (const role of new Set(Object.values(roles))) yield { where: `${where}, "roles"`, role };
    if (defaultRole !== undefined) yield { where: `${where}, "defaultRole"`, role: defaultRole };
  }
}

/** Notes everything about the roles of the settings that names what there is not, or that could not be enforced. */
export function problemsOfRoles(config: Config, known: NameableParts, problems: Problems): void {
  const { roles } = config;
  const names = Object.keys(roles);
  for (const { where, role } of rolesNamed(config)) {
    if (!names.includes(role)) problems.add(`${where}: ${unknown('role', role, names)}`);
  }
  const grantsOfRole = createGrants(config);
  for (const [name, role] of Object.entries(roles)) {
    const grants = grantsOfRole({ id: name, scopes: [], roles: [name] });
    const found = [
      ...unknownNames(role, known),
      ...exclusions(role),
      ...rowProblems(role, config),
      ...(role.operations?.length === 0 ? [] : uselessRules(role, grants)),
      ...leakingSources(grants, known.sources),
    ];
    for (const message of found) problems.add(`Setting "roles", role "${name}": ${message}`);
  }
}
