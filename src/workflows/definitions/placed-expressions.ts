import { bareExpression, enclosedExpression } from '../expressions/expression.ts';
import { pointerPart } from './problem.ts';

/** An expression of a definition, its location and the loop variables it may read. */
export interface PlacedExpression {
  readonly place: string;
  readonly source: string;
  readonly variables: readonly string[];
}

/** A string that contains `${` but is not entirely an expression: plain text to the DSL, but rarely meant so. */
interface PartialExpression {
  readonly place: string;
  readonly partial: string;
}

export type FoundExpression = PlacedExpression | PartialExpression;

/** The expressions of a value whose strings may be expressions. */
export function* inTemplate(
  value: unknown,
  place: string,
  variables: readonly string[],
): Generator<FoundExpression> {
  if (typeof value === 'string') {
    const source = enclosedExpression(value);
    if (source !== undefined) yield { place, source, variables };
    else if (value.includes('${')) yield { place, partial: value };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield* inTemplate(item, `${place}/${pointerPart(key)}`, variables);
    }
  }
}

/** The expressions of a value that is itself an expression when it is a string, with or without `${ }`. */
export function* bare(
  value: unknown,
  place: string,
  variables: readonly string[],
): Generator<FoundExpression> {
  if (typeof value === 'string') yield { place, source: bareExpression(value), variables };
  else yield* inTemplate(value, place, variables);
}
