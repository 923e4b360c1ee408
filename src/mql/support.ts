import { ACCUMULATORS } from './accumulators/registry.ts';
import { EXPRESSIONS } from './expressions/registry.ts';
import { projectionOperators } from './projection/find.ts';
import { queryOperators } from './query/filter.ts';
import { STAGES } from './stages/registry.ts';
import { updateOperators } from './update/operators.ts';
import { WINDOW_FUNCTIONS } from './windows/stage.ts';

const names = (table: object): string[] => Object.keys(table).sort();

/** What the engine has, by name, read from the tables it works with. */
export const support: {
  readonly query: readonly string[];
  readonly projection: readonly string[];
  readonly stages: readonly string[];
  readonly accumulators: readonly string[];
  readonly windows: readonly string[];
  readonly expressions: readonly string[];
  readonly update: readonly string[];
} = {
  query: [...queryOperators].sort(),
  projection: projectionOperators,
  stages: names(STAGES),
  accumulators: names(ACCUMULATORS),
  windows: names(WINDOW_FUNCTIONS),
  expressions: names(EXPRESSIONS),
  update: [...updateOperators].sort(),
};
