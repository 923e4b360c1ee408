import { embeddedPorts } from '../../support/embedded-ports.ts';
import { backfillContract } from './contract.ts';

backfillContract({
  ...embeddedPorts,
  async open() {
    const index = await embeddedPorts.index();
    return { retriever: index, backfill: index };
  },
});
