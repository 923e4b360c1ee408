import { onTestFinished } from 'vitest';
import { createEmbeddedApiKeys } from '../../../src/stores/embedded/api-keys/api-keys.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { apiKeysContract } from './contract.ts';

apiKeysContract({
  name: 'embedded',
  async open(processes) {
    const directory = await temporaryDirectory();
    return Array.from({ length: processes }, () => {
      const file = createEmbeddedStore(directory, 1);
      onTestFinished(() => file.close());
      return createEmbeddedApiKeys(file);
    });
  },
});
