import type { ApiKeys } from '../../api-keys/api-keys.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { apiKeyOperations } from './operations.ts';

/** The API keys, in the store file: the same for every process on the data directory. */
export function createEmbeddedApiKeys(file: StoreFile): ApiKeys {
  return createClient(file, apiKeyOperations);
}
