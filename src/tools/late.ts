import { HydrogenError } from '../errors.ts';
import type { Tool } from './define.ts';

/** How every layer begins what it says of a call that was stopped at its time limit. */
const stopped = 'The call took longer than its time limit';

const narrow = 'Narrow it (a filter, a smaller limit, an earlier $match) and try again.';
const narrowFilter = 'Narrow the filter, and make the change in parts.';
const fewer = 'Try again, or ask for fewer (limit) or with mode "keyword".';
const inParts = 'Try again, or send it in parts.';

/** What to do about it, by tool. */
const advice: Readonly<Record<string, string>> = {
  find: narrow,
  aggregate: narrow,
  count: narrow,
  distinct: narrow,
  explain: narrow,
  export: 'Export less at a time (a filter, a smaller limit) and try again.',
  insert: 'Check whether the documents are there, and insert fewer at a time.',
  update: narrowFilter,
  delete: narrowFilter,
  create_index: 'Check whether the index is there (describe_collection) before you try again.',
  search: fewer,
  similar_documents: 'Try again, or ask for fewer (limit).',
  ingest: 'What was read stays: repeat it to go on from there, or name fewer files or folders at a time.',
  add_document: inParts,
  run_workflow: 'Its run may go on: look at it with get_run, or at the latest runs with list_workflows.',
};

const otherwise =
  'Try again; where it happens often, the server needs a longer callTimeoutMs (HYDROGEN_CALL_TIMEOUT_MS).';

/** The same error with advice that fits the tool: what stopped the call does not know what it was stopped for. */
export function withOwnAdvice(error: HydrogenError, { name }: Tool): HydrogenError {
  if (error.code !== 'timeout' || !error.message.startsWith(stopped)) return error;
  // A database knows more.
  if (error.message.includes('add an index')) return error;
  const own = Object.hasOwn(advice, name) ? advice[name] : otherwise;
  return new HydrogenError('timeout', `${stopped} and was stopped. ${own}`, { cause: error.cause ?? error });
}
