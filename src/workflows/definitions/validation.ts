import { kindOf, otherTaskKinds } from '../tasks/registry.ts';
import type { Problem } from './problem.ts';

interface Finding {
  readonly place: string;
  readonly schema: string;
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A finding of the SDK's validation: `- /place | #/schema | message | {"params"}`. */
const findingLine = /^- (\S*) \| (\S*) \| (.*) \| (\{.*\})$/;

function findingsOf(message: string): Finding[] {
  return message.split('\n').flatMap((line) => {
    const found = findingLine.exec(line);
    if (!found) return [];
    const [, place = '', schema = '', text = '', params = '{}'] = found;
    return [{ place, schema, message: text, params: JSON.parse(params) as Finding['params'] }];
  });
}

/** Messages that merely say that an alternative did not match. */
const noise = [
  /^must be equal to constant$/,
  /^must NOT be valid$/,
  /^must match exactly one schema in oneOf$/,
  /^must match a schema in anyOf$/,
  /^must match "then" schema$/,
];

function at(definition: unknown, place: string): unknown {
  let value = definition;
  for (const part of place.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

function depth({ place }: Finding): number {
  return place.split('/').length;
}

function isTask(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? kindOf(value) !== undefined || otherTaskKinds.some((kind) => Object.hasOwn(value, kind))
    : false;
}

/** How the pattern of ISO 8601 durations begins in the DSL's schema. */
const durationPattern = '^P(?!$)';

/** What a finding says, together with those about other alternatives for the same place. */
function reasonOf({ place, message, params }: Finding, findings: readonly Finding[]): string {
  const extra = params['unevaluatedProperty'] ?? params['additionalProperty'];
  if (extra !== undefined) return `unknown property "${extra}"`;
  const alternatives = findings.filter((other) => other.place === place).map((other) => other.params);
  if (alternatives.some(({ pattern }) => String(pattern).startsWith(durationPattern))) {
    return 'not a duration such as PT30S or { seconds: 30 }';
  }
  if (params['type'] !== undefined) {
    const types = new Set(alternatives.flatMap(({ type }) => (type === undefined ? [] : [type])));
    return `must be ${[...types].join(' or ')}`;
  }
  return message.length > 160 ? `${message.slice(0, 157)}…` : message;
}

/**
 * The most informative of the many findings that a schema with alternatives produces: the deepest one that is not about
 * an alternative that was not meant.
 */
export function mainProblem(message: string, definition: unknown): Problem {
  const findings = findingsOf(message);
  const place = findings.find(({ place }) => place.startsWith('/do/'))?.place;
  const deepest = Math.max(0, ...findings.map(depth));
  const relevant = findings
    .filter(({ message: text }) => !noise.some((pattern) => pattern.test(text)))
    // For a task, "must have required property" is reported once for every kind that it is not.
    .filter(
      ({ schema, place: where }) =>
        !schema.endsWith('required') || !/^\/do\//.test(where) || schema.includes('items'),
    )
    .sort((a, b) => depth(b) - depth(a));
  const best = relevant[0];
  if (best && (depth(best) >= deepest - 1 || place === undefined)) {
    return { place: best.place, reason: reasonOf(best, findings) };
  }
  const choice = findings.find(({ place: where }) => where !== '' && !isTask(at(definition, where)));
  if (choice && /^\/do\/.*\/\d+\/[^/]+$|^\/do\/\d+\/[^/]+$/.test(choice.place)) {
    const value = at(definition, choice.place);
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    return {
      place: choice.place,
      reason: `not a DSL task${keys.length > 0 ? ` (it has ${keys.map((key) => `"${key}"`).join(', ')})` : ''}`,
    };
  }
  const first = best ?? findings[0];
  return first
    ? { place: first.place, reason: reasonOf(first, findings) }
    : { place: '', reason: 'not a Serverless Workflow DSL 1.0.3 definition' };
}
