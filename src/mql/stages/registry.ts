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

/** All stages by name, but those that write. */
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

/** Stages of MongoDB that are not here, with what to do instead. */
export const REFUSED_STAGES: { readonly [name: string]: string } = {
  $geoNear: 'geospatial queries need a MongoDB server',
  $search: 'use the search tool for text',
  $searchMeta: 'use the search tool for text',
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

/** Stages that write; only the last of the outermost pipeline may be one. */
export const WRITE_STAGES: readonly string[] = ['$out', '$merge'];

/** Stages that a nested pipeline must not have. */
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

/** The only stages that an update pipeline may have. */
export const UPDATE_STAGES: readonly string[] = [
  '$addFields',
  '$set',
  '$project',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
];
