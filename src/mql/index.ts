/** MongoDB's query, projection, aggregation and update language over plain documents, without a server. */
export { type AggregateContext, aggregate, isWritePipeline, leadingMatch, writeStages } from './aggregate.ts';
export { distinctValues } from './distinct.ts';
export * from './formats.ts';
export { prepareInsert } from './insert.ts';
export { compileProjection } from './projection/find.ts';
export { compileFilter } from './query/filter.ts';
export { compileSortKeys, type SortKeys } from './sort/comparator.ts';
export { compileSort } from './sort/compile.ts';
export { compileKeyValues, type KeyValues } from './sort/sort-key.ts';
export { collationSupport, limits as supportLimits, refused, support } from './support.ts';
export { DEFAULT_MAX_BYTES } from './types.ts';
export {
  applyUpdate,
  type CompiledUpdate,
  compileReplacement,
  compileUpdate,
  type UpdateOptions,
} from './update/compile.ts';
export { compilePipelineWrite, type PipelineWrite } from './update/pipeline-write.ts';
export { normalize } from './values/clone.ts';
export { compareValues, equals } from './values/compare.ts';
export { hashKey, keyString } from './values/key-string.ts';
export { toExtendedJson } from './values/to-extended-json.ts';
export { typeName } from './values/types.ts';
