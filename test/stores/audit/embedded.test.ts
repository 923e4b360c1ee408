import { onTestFinished } from 'vitest';
import { createEmbeddedAuditLog } from '../../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { auditContract } from './contract.ts';

auditContract({
  name: 'embedded',
  async open(processes) {
    const directory = await temporaryDirectory();
    return Array.from({ length: processes }, () => {
      const file = createEmbeddedStore(directory, 1);
      onTestFinished(() => file.close());
      return createEmbeddedAuditLog(file);
    });
  },
});
