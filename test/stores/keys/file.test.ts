import { createLog } from '../../../src/observability/log.ts';
import { createKeyRing } from '../../../src/stores/data-directory.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { keysContract } from './contract.ts';

keysContract({
  name: 'file',
  async open(processes) {
    const directory = await temporaryDirectory();
    return Array.from({ length: processes }, () => createKeyRing(directory, createLog('silent')));
  },
  settled: async () => {},
});
