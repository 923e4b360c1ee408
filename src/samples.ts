import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Ships with the package; it is next to both `dist` and `src`. */
const folder = fileURLToPath(new URL('../samples', import.meta.url));

/** The samples of the package: absolute paths of folders, and the collections that `collections/NAME.jsonl` hold. */
export const samples = {
  documents: join(folder, 'documents'),
  workflows: join(folder, 'workflows'),
  collectionFile: (collection: string): string => join(folder, 'collections', `${collection}.jsonl`),
  collections: ['technologies', 'materials', 'sources'],
  /** The collection that the sample workflows read. */
  workflowCollection: 'technologies',
} as const;
