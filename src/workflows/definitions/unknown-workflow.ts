import { HydrogenError } from '../../errors.ts';
import { similarNames } from '../../similar-names.ts';

/** The error for a workflow that does not exist. @param names of those that can be run */
export function unknownWorkflow(name: string, names: readonly string[]): HydrogenError {
  const suggestions = similarNames(name, names);
  const quoted = (list: readonly string[]): string => list.map((other) => `"${other}"`).join(', ');
  const hint =
    suggestions.length > 0
      ? `did you mean ${quoted(suggestions)}?`
      : `there ${names.length === 1 ? 'is' : 'are'} ${quoted(names) || 'none'}.`;
  return new HydrogenError('not_found', `There is no workflow "${name}"; ${hint}`, { suggestions });
}
