import { badInput, type HydrogenError, notSupported } from '../errors.ts';
import { similarNames } from '../similar-names.ts';

/** What there is instead of a text index. */
export const IN_TEXT =
  'look in fields with {"field":{"$regex":"word","$options":"i"}}, or make the collection a source (setting collectionSources) and use the search tool';

/** The error for a name unknown to MongoDB too; `kind` is, for example, "query operator". */
function unknownName(kind: string, name: string, known: Iterable<string>): HydrogenError {
  const suggestions = similarNames(name, known);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(' or ')}?` : '';
  return badInput(`Unknown ${kind} ${name}.${hint}`, { suggestions });
}

/** The error for an unsupported MongoDB name (listed in `refused` with a hint) or an unknown name. */
export function refusedOrUnknown(
  kind: string,
  name: string,
  known: Iterable<string>,
  refused: { readonly [name: string]: string },
): HydrogenError {
  const hint = Object.hasOwn(refused, name) ? refused[name] : undefined;
  return hint === undefined ? unknownName(kind, name, known) : notSupported(name, hint || undefined);
}
