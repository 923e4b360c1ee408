import type { Connection } from './connection.ts';

/** Something that a client does: one call or a few that belong together, whose answers it checks. */
export interface Action {
  readonly name: string;
  /** How often it is done, against the others. */
  readonly weight: number;
  /** @throws WrongAnswer, or what the client throws */
  run(connection: Connection): Promise<void>;
}

export function oneOf<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** One of the actions, the heavier the likelier. */
export function choose(actions: readonly Action[], random: () => number): Action {
  let left = random() * actions.reduce((sum, { weight }) => sum + weight, 0);
  for (const action of actions) {
    left -= action.weight;
    if (left < 0) return action;
  }
  return actions.at(-1) as Action;
}
