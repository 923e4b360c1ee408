import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import type { Part } from '../observability/health.ts';
import type { RuledNamespace } from '../policy/data-rules.ts';
import { patternOf } from '../policy/patterns.ts';
import { fieldsOf } from '../policy/role-problems.ts';
import { collectionMatcher } from '../policy/roles.ts';
import { similarNames } from '../similar-names.ts';
import type { CollectionDescription } from '../stores/documents/document-store.ts';

// A field that a rule names and that no collection has may be mistyped: then rows exist for nobody, or what was to be hidden
// is shown. It may also be one that comes later, so it is no reason not to start.

/** A field in a rule of a role. */
interface RuledField {
  readonly role: string;
  readonly collection: string;
  readonly field: string;
  readonly isHidden: boolean;
}

/** Collections that are looked at in all, a sample of each: a rule that means more is not judged. */
const maxCollections = 50;

function* ruledFields({ roles }: App['config']): Generator<RuledField> {
  for (const [role, { rows, hidden }] of Object.entries(roles)) {
    for (const rule of rows) {
      if (!('collection' in rule)) continue;
      const { collection } = rule;
      for (const field of new Set(fieldsOf(rule.filter))) yield { role, collection, field, isHidden: false };
    }
    for (const { collection, fields } of hidden) {
      for (const field of fields) yield { role, collection, field, isHidden: true };
    }
  }
}

/** The collections that the rules mean; undefined where there are more than are looked at. */
async function meantBy(
  patterns: readonly string[],
  { connections }: App,
  call: Call,
): Promise<readonly RuledNamespace[] | undefined> {
  const matchers = patterns.map(collectionMatcher);
  const areAsked = patterns.map((pattern) => patternOf(pattern.split('/')[0] ?? ''));
  const found: RuledNamespace[] = [];
  for (const { name: connection, store } of connections.all) {
    if (!areAsked.some((matches) => matches(connection))) continue;
    for (const { name: database } of await store.databases(call)) {
      for (const { name: collection } of await store.collections(database, call)) {
        const namespace = { connection, database, collection };
        if (matchers.some((matches) => matches(namespace))) found.push(namespace);
        if (found.length > maxCollections) return undefined;
      }
    }
  }
  return found;
}

/** Paths as rules write them, without elements of arrays. */
const pathsIn = ({ fields }: CollectionDescription): string[] =>
  fields.map(({ path }) => path.replaceAll('[]', ''));

/** Whether all fields that the sample has are listed. */
const isWhole = ({ fieldsLeftOut, elementsLeftOut, deeperLeftOut }: CollectionDescription): boolean =>
  fieldsLeftOut === 0 && !elementsLeftOut && !deeperLeftOut;

/** What is probably wrong with a field in a rule. */
function faultOf(
  { role, collection, field, isHidden }: RuledField,
  described: readonly CollectionDescription[],
): string | undefined {
  const sampled = described.filter((one) => one.sampled > 0);
  const path = field
    .split('.')
    .filter((part) => !/^\d+$/.test(part))
    .join('.');
  const paths = new Set(sampled.flatMap(pathsIn));
  if (sampled.length === 0 || paths.has(path) || !sampled.every(isWhole)) return undefined;
  const [near] = similarNames(path, [...paths]);
  const hint = near === undefined ? '' : ` (there is "${near}")`;
  return `role "${role}" ${isHidden ? 'hides' : 'asks for'} "${field}" in ${collection}, which no document that was looked at has${hint}`;
}

/** Fields of rules that no collection seems to have. */
export async function ruleFaults(app: App, call: Call): Promise<Part[]> {
  const ruled = [...ruledFields(app.config)];
  if (ruled.length === 0) return [];
  // A store that does not answer is told of by its own part.
  const namespaces = await meantBy([...new Set(ruled.map(({ collection }) => collection))], app, call).catch(
    () => undefined,
  );
  if (!namespaces) return [];
  const known = new Map<RuledNamespace, CollectionDescription>();
  for (const namespace of namespaces) {
    const { descriptions } = app.connections.get(namespace.connection);
    const described = await descriptions.describe(namespace, call).catch(() => undefined);
    if (!described) return [];
    known.set(namespace, described.found);
  }
  const faults = ruled.flatMap((one) => {
    const matches = collectionMatcher(one.collection);
    const meant = [...known].filter(([namespace]) => matches(namespace)).map(([, found]) => found);
    return faultOf(one, meant) ?? [];
  });
  if (faults.length === 0) return [];
  return [
    {
      ...{ name: 'roles', state: 'degraded', detail: faults.join('; ') },
      action:
        'Check the names in the setting roles: a hidden field that is mistyped is shown, and rows that are asked for by one do not exist.',
    },
  ];
}
