import type { Case, Outcome } from '../../test/conformance/compare.ts';

/** What came of a case; `refused` says what is not there, when that is why it failed. */
type Executed = Outcome & { readonly refused?: string };

/** Runs cases against one store or server. */
export interface CaseRunner {
  /** Puts the collections of a case in place, runs it, and reads what is there afterwards. */
  run(test: Case): Promise<Executed>;
  close(): Promise<void>;
}

export type Doc = { [field: string]: unknown };

/** The arguments of a case, by their types. */
export interface CaseArguments {
  readonly filter: Doc;
  readonly options: Doc;
  readonly collation: Doc | undefined;
  readonly sort: Doc | undefined;
  readonly projection: Doc | undefined;
  readonly skip: number;
  /** 0: none. */
  readonly limit: number;
}

export function argumentsOf({ args }: Case): CaseArguments {
  return {
    filter: (args['filter'] ?? {}) as Doc,
    options: (args['options'] ?? {}) as Doc,
    collation: args['collation'] as Doc | undefined,
    sort: args['sort'] as Doc | undefined,
    projection: args['projection'] as Doc | undefined,
    skip: Number(args['skip'] ?? 0),
    limit: Number(args['limit'] ?? 0),
  };
}

const isOperator = (update: unknown): boolean =>
  Array.isArray(update) || (Object.keys((update ?? {}) as Doc)[0]?.startsWith('$') ?? false);

/** What a driver refuses before anything is sent: an update without operators, a replacement with some. */
export function assertUpdate({ op, args }: Case): void {
  if (/replace/i.test(op)) {
    if (isOperator(args['replacement'])) throw new Error('A replacement has no operators.');
  } else if (!isOperator(args['update'])) throw new Error('An update needs operators.');
}
