import { badInput, HydrogenError } from '../errors.ts';

/** Everything that is wrong with the settings, which is said at once. */
export interface Problems {
  /** The result of the work; where that fails, `otherwise`. */
  collect<T>(work: () => T, otherwise: T): T;
  add(message: string): void;
  /** @throws HydrogenError `bad_input` with all messages, one a line */
  throwIfAny(): void;
}

export function createProblems(): Problems {
  const errors: HydrogenError[] = [];
  return {
    collect(work, otherwise) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof HydrogenError)) throw error;
        errors.push(error);
        return otherwise;
      }
    },
    add: (message) => void errors.push(badInput(message)),
    throwIfAny() {
      const [first, ...more] = errors;
      if (first && more.length === 0) throw first;
      if (first) throw badInput(errors.map(({ message }) => message).join('\n'));
    },
  };
}
