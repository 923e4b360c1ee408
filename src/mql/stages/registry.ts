import { IN_TEXT } from '../names.ts';
import { setWindowFields } from '../windows/stage.ts';
import { buckets } from './bucket.ts';
import { combining } from './combine.ts';
import { densify } from './densify.ts';
import { fill } from './fill.ts';
import { graph } from './graph-lookup.ts';
import { grouping } from './group.ts';
import { lookup } from './lookup.ts';
import { simple } from './simple.ts';
import { compileSortStage } from './sort.ts';
import type { PipelineContext, StageFamily } from './stage.ts';
import { unwinding } from './unwind.ts';

/** All stages by name, except those that write. */
export const STAGES: StageFamily = {
  ...simple,
  $sort: (argument, context) => compileSortStage(argument, context),
  ...grouping,
  ...buckets,
  ...unwinding,
  ...lookup,
  ...graph,
  ...combining,
  ...setWindowFields,
  ...densify,
  ...fill,
};

const ADMINISTRATION = 'it reports on a server';

/** MongoDB stages that are not implemented, with what to do instead. */
export const REFUSED_STAGES: { readonly [name: string]: string } = {
  $geoNear: 'geospatial queries need a MongoDB server',
  $search: IN_TEXT,
  $searchMeta: IN_TEXT,
  $vectorSearch: 'use the search tool',
  $rankFusion: 'use the search tool',
  $scoreFusion: 'use the search tool',
  $collStats: ADMINISTRATION,
  $indexStats: ADMINISTRATION,
  $planCacheStats: ADMINISTRATION,
  $currentOp: ADMINISTRATION,
  $listSessions: ADMINISTRATION,
  $listLocalSessions: ADMINISTRATION,
  $listSampledQueries: ADMINISTRATION,
  $listSearchIndexes: ADMINISTRATION,
  $querySettings: ADMINISTRATION,
  $queryStats: ADMINISTRATION,
  $listClusterCatalog: ADMINISTRATION,
  $changeStream: 'it needs a replica set',
  $changeStreamSplitLargeEvent: 'it needs a replica set',
  $shardedDataDistribution: ADMINISTRATION,
};

/** Stages that write, allowed only at the end of the outermost pipeline. */
export const WRITE_STAGES: readonly string[] = ['$out', '$merge'];

/** Stages not allowed in nested pipelines. */
export const FORBIDDEN: { readonly [place in PipelineContext]: readonly string[] } = {
  top: [],
  lookup: WRITE_STAGES,
  union: WRITE_STAGES,
  facet: [
    ...WRITE_STAGES,
    '$facet',
    '$geoNear',
    '$collStats',
    '$indexStats',
    '$planCacheStats',
    '$documents',
  ],
  update: [],
};

/** The only stages allowed in an update pipeline. */
export const UPDATE_STAGES: readonly string[] = [
  '$addFields',
  '$set',
  '$project',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
  '$fill',
];
