import { entriesFrom } from '../audit/file.ts';
import { recordIn } from '../audit/record.ts';
import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import { similarNames } from '../similar-names.ts';
import type { ApiKeys } from '../stores/api-keys/api-keys.ts';
import type { AuditLog } from '../stores/audit/audit-log.ts';
import type { Exports } from '../stores/documents/export/exports.ts';
import type { ChosenRuns, Journal } from '../stores/journal/types.ts';

// Where nothing is found of a caller or a workflow, all of it may be gone, or the name may be mistyped: whoever has to erase
// what is kept of a person must not take the one for the other.

/** A name that nothing here has. */
export interface UnknownName {
  readonly of: 'caller' | 'workflow';
  readonly name: string;
  /** Names that something has, the closest first. */
  readonly similar: readonly string[];
}

export interface KnownParts {
  readonly journal: Pick<Journal, 'count' | 'recent'>;
  readonly audit: AuditLog;
  readonly exports: Pick<Exports, 'count'>;
  readonly apiKeys: Pick<ApiKeys, 'list'>;
}

/** So many of the newest runs are looked through for similar names. */
const newest = 100;

async function hasRuns(journal: KnownParts['journal'], chosen: ChosenRuns, call: Call): Promise<boolean> {
  const { ended, unfinishedCount } = await journal.count(chosen, call);
  return ended > 0 || unfinishedCount > 0;
}

/** The ids and names of the callers in audit records, and of API keys. */
async function recordedCallers({ audit, apiKeys }: KnownParts, call: Call): Promise<Set<string>> {
  const known = new Set((await apiKeys.list(call)).flatMap(({ id, name }) => [`key:${id}`, name]));
  for await (const page of entriesFrom(audit, 1, call)) {
    throwIfCallEnded(call);
    for (const { text } of page) {
      const { id, name } = recordIn(text).caller ?? {};
      if (id !== undefined) known.add(id);
      if (name !== undefined) known.add(name);
    }
  }
  return known;
}

/** Which of the names belong to nothing: neither what could be erased nor what stays has them. */
export async function unknownNames(
  parts: KnownParts,
  { caller, workflow }: Pick<ChosenRuns, 'caller' | 'workflow'>,
  call: Call,
): Promise<UnknownName[]> {
  const { journal, exports } = parts;
  const unknown: UnknownName[] = [];
  if (caller !== undefined) {
    const known = await recordedCallers(parts, call);
    const isKnown =
      known.has(caller) ||
      (await hasRuns(journal, { caller }, call)) ||
      (await exports.count({ callers: [caller] }, call)) > 0;
    if (!isKnown) {
      for (const { caller: by } of await journal.recent({ limit: newest }, call)) {
        known.add(by.id);
        if (by.name !== undefined) known.add(by.name);
      }
      unknown.push({ of: 'caller', name: caller, similar: similarNames(caller, known) });
    }
  }
  if (workflow !== undefined && !(await hasRuns(journal, { workflow }, call))) {
    const runs = await journal.recent({ limit: newest }, call);
    const names = new Set(runs.map((run) => run.workflow));
    unknown.push({ of: 'workflow', name: workflow, similar: similarNames(workflow, names) });
  }
  return unknown;
}
