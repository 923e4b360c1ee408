import { embeddedPorts } from '../../support/embedded-ports.ts';
import { retrieverContract } from './contract.ts';

retrieverContract({
  ...embeddedPorts,
  async open() {
    const index = await embeddedPorts.index();
    return { retriever: index, backfill: index };
  },
});
