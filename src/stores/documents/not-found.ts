import { HydrogenError } from '../../errors.ts';
import { similarNames } from '../../similar-names.ts';
import type { Namespace } from './document-store.ts';

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** `whenNone` is the advice when there is no database at all. */
export function unknownDatabase(database: string, known: readonly string[], whenNone: string): HydrogenError {
  const suggestions = similarNames(database, known);
  const hint =
    known.length === 0
      ? whenNone
      : `There is ${quoted((suggestions.length > 0 ? suggestions : known).slice(0, 5))}.`;
  return new HydrogenError('not_found', `There is no database "${database}". ${hint}`, { suggestions });
}

export function unknownCollection(
  { database, collection }: Namespace,
  known: readonly string[],
): HydrogenError {
  const suggestions = similarNames(collection, known);
  const some = `There is ${quoted(known.slice(0, 8))}${known.length > 8 ? ` and ${known.length - 8} more` : ''}.`;
  const hint =
    suggestions.length > 0
      ? `Did you mean ${quoted(suggestions)}?`
      : known.length > 0
        ? some
        : 'It is empty.';
  return new HydrogenError(
    'not_found',
    `There is no collection "${collection}" in database "${database}". ${hint}`,
    { suggestions },
  );
}
