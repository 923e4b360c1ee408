import { collectionResource } from './collections.ts';
import type { FixedResource, TemplateResource } from './define.ts';
import { documentResource } from './documents.ts';
import { exportResource } from './exports.ts';
import { healthResources } from './health.ts';
import { runResource } from './runs.ts';

export const fixedResources: readonly FixedResource[] = healthResources;

export const resourceTemplates: readonly TemplateResource[] = [
  collectionResource,
  documentResource,
  runResource,
  exportResource,
];
