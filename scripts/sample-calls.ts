// A call of each tool, for those who want to reach them all: with samples/documents (or a folder
// `documents` with some of it) ingested, samples/collections/technologies.jsonl imported as
// `technologies`, and that folder among the settings' `folders`.

export interface SampleCall {
  readonly tool: string;
  /** The arguments; `runId` is the run that the call of run_workflow gave. */
  readonly args: (runId: string) => Readonly<Record<string, unknown>>;
}

const always = (tool: string, args: Readonly<Record<string, unknown>> = {}): SampleCall => ({
  tool,
  args: () => args,
});

/** In an order in which each finds what it needs: a run before its state, a document before its removal. Writes need no confirmation. */
export const sampleCalls: readonly SampleCall[] = [
  always('search', { query: 'salt cavern' }),
  always('get_document', { id: 'documents/salt-caverns.md' }),
  always('list_documents'),
  always('similar_documents', { id: 'documents/salt-caverns.md' }),
  always('list_sources'),
  always('list_databases'),
  always('list_collections'),
  always('describe_collection', { collection: 'technologies' }),
  always('find', { collection: 'technologies', filter: { technology: 'Electrolysis' }, limit: 2 }),
  always('aggregate', {
    collection: 'technologies',
    pipeline: [{ $group: { _id: '$technology', n: { $sum: 1 } } }],
  }),
  always('count', { collection: 'technologies' }),
  always('distinct', { collection: 'technologies', key: 'technology' }),
  always('explain', { collection: 'technologies', filter: { technology: 'Electrolysis' } }),
  always('export', { collection: 'technologies', filter: { technology: 'Electrolysis' }, format: 'csv' }),
  always('list_workflows'),
  always('run_workflow', { workflow: 'electrolyser-cost-brief' }),
  { tool: 'get_run', args: (runId) => ({ run_id: runId }) },
  always('health'),
  always('ingest', { paths: ['salt-caverns.md'] }),
  always('add_document', { name: 'note', text: '# Note' }),
  always('remove_document', { id: 'inline/note' }),
  always('add_document', { name: 'another note', text: '# Another' }),
  always('remove_source', { name: 'inline' }),
  always('insert', { collection: 'notes', documents: [{ topic: 'caverns', n: 1 }] }),
  always('update', { collection: 'notes', filter: { topic: 'caverns' }, update: { $inc: { n: 1 } } }),
  always('create_index', { collection: 'notes', key: { topic: 1 } }),
  always('drop_index', { collection: 'notes', name: 'topic_1' }),
  always('delete', { collection: 'notes', filter: { topic: 'caverns' } }),
  always('drop_collection', { collection: 'notes' }),
];

/**
 * The calls of the tools that are offered, in order.
 * @throws Error naming a tool that has no call here
 */
export function sampleCallsOf(offered: readonly string[]): readonly SampleCall[] {
  const missing = offered.filter((name) => !sampleCalls.some(({ tool }) => tool === name));
  if (missing.length > 0) throw new Error(`no sample call of ${missing.join(', ')}`);
  return sampleCalls.filter(({ tool }) => offered.includes(tool));
}

/** The id of the run that an answer is about, if it is about one. */
export function runIdOf({ structuredContent }: { readonly structuredContent?: unknown }): string | undefined {
  const { run_id: id } = (structuredContent ?? {}) as { run_id?: string };
  return id;
}
