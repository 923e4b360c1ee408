// A process of its own that hangs between a document and its passages: node interrupted-child.ts DATA_DIRECTORY WHAT.

import { createEmbeddedCatalog } from '../../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import type { Retriever } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { documentOf } from '../ports.ts';

const [directory = '', what] = process.argv.slice(2);

const hang = (): Promise<void> => {
  console.log('between the two stores');
  return new Promise((resolve) => setTimeout(resolve, 60_000));
};

const retriever = { upsert: hang, remove: hang } as unknown as Retriever;
const catalog = withPassagesIn(
  retriever,
  'another store',
  createEmbeddedCatalog(createEmbeddedStore(directory, 1)),
);
await (what === 'write'
  ? catalog.upsert([documentOf('a', ['changed'])], testCall())
  : catalog.remove(['a'], testCall()));
