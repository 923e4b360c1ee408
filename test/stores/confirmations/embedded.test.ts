import { onTestFinished } from 'vitest';
import { createEmbeddedConfirmations } from '../../../src/stores/embedded/confirmations/confirmations.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { confirmationsContract } from './contract.ts';

confirmationsContract({
  name: 'embedded',
  async open(processes) {
    const directory = await temporaryDirectory();
    return Array.from({ length: processes }, () => {
      const file = createEmbeddedStore(directory, 1);
      onTestFinished(() => file.close());
      return createEmbeddedConfirmations(file);
    });
  },
});
