import { z } from 'zod';
import { settings } from '../config.ts';
import { similarNames } from '../similar-names.ts';

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The names that an object in the settings may have; none where it may have any. */
function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType | undefined = settings;
  const unwrapped = (schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined => {
    let inner = schema;
    while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap();
    return inner;
  };
  for (const name of path) {
    const outer = unwrapped(at);
    if (outer instanceof z.ZodObject) at = outer.shape[String(name)];
    else if (outer instanceof z.ZodRecord) at = outer.valueType;
    else if (outer instanceof z.ZodArray) at = outer.element;
    else return [];
  }
  const found = unwrapped(at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unknownNames({ keys, path }: z.core.$ZodIssueUnrecognizedKeys): string {
  const known = namesAt(path);
  const hints = keys.map((key) => {
    const near = similarNames(key, known).map((one) => `"${one}"`);
    const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${known.join(', ')}.`;
    return `there is no "${key}". ${known.length > 0 ? hint : ''}`.trim();
  });
  return hints.join(' ');
}

/** What is wrong with a value, as the end of a sentence and what follows it. */
export function issueMessage(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys' ? unknownNames(issue) : `${wrongValue(issue)}.`;
}

function wrongValue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  const isNumber = 'origin' in issue && (issue.origin === 'number' || issue.origin === 'int');
  if (issue.code === 'too_small' && isNumber) return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_small' && 'origin' in issue && issue.origin === 'array') return 'must not be empty';
  if (issue.code === 'too_big' && isNumber) return `must be at most ${issue.maximum}`;
  // The reason for an invalid key is in the nested issue.
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
