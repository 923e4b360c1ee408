import { embeddedPorts } from '../../support/embedded-ports.ts';
import { catalogContract } from './contract.ts';

catalogContract({ name: 'embedded, with its passages', open: embeddedPorts.index });
catalogContract({ name: 'embedded, without passages', open: embeddedPorts.documents });
catalogContract({
  name: 'embedded, with its passages in another store',
  open: async () => (await embeddedPorts.apart()).catalog,
});
