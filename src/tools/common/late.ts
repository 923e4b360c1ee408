const narrow = 'Narrow it (a filter, a smaller limit, an earlier $match) and try again.';
const narrowFilter = 'Narrow the filter, and make the change in parts.';
const fewer = 'Try again, or ask for fewer (limit) or with mode "keyword".';
const inParts = 'Try again, or send it in parts.';

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

/** What to do when a call of the tool took too long, where it is not just to try again. */
export function lateAdviceOf(tool: string): string | undefined {
  return Object.hasOwn(advice, tool) ? advice[tool] : undefined;
}
