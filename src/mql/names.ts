import { badInput, type HydrogenError, notSupported } from '../errors.ts';
import { similarNames } from '../similar-names.ts';

/** The error for a name that MongoDB does not have either; `kind` as in "query operator". */
function unknownName(kind: string, name: string, known: Iterable<string>): HydrogenError {
  const suggestions = similarNames(name, known);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.join(' or ')}?` : '';
  return badInput(`Unknown ${kind} ${name}.${hint}`, { suggestions });
}

/** An error for a name that MongoDB has (listed in `refused` with a hint) or nobody has. */
export function refusedOrUnknown(
  kind: string,
  name: string,
  known: Iterable<string>,
  refused: { readonly [name: string]: string },
): HydrogenError {
  const hint = Object.hasOwn(refused, name) ? refused[name] : undefined;
  return hint === undefined ? unknownName(kind, name, known) : notSupported(name, hint || undefined);
}
