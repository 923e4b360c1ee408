import { badInput, type HydrogenError, notSupported } from '../errors.ts';
import { nearest } from '../near.ts';

/** The error for a name that MongoDB does not have either; `kind` as in "query operator". */
function unknownName(kind: string, name: string, known: Iterable<string>): HydrogenError {
  const near = nearest(name, known);
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : '';
  return badInput(`Unknown ${kind} ${name}.${hint}`, { near });
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
