import { compileFilter } from '../mql/index.ts';
import type { SourceRule } from '../policy/roles.ts';
import { factsOf } from '../stores/index/facts.ts';
import type { DocumentEntry } from './types.ts';

/** Whether the rows of a source's rule have a document. */
export function isInRows({ rows }: SourceRule, { indexedAt, ...entry }: DocumentEntry): boolean {
  if (!rows) return true;
  const facts = { ...entry, source: undefined, path: undefined, modified: 0 };
  return compileFilter(rows)(factsOf({ ...facts, indexedAt: Date.parse(indexedAt ?? '') || 0 }));
}
