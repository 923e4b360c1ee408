import { embeddedPorts } from '../../support/embedded-ports.ts';
import { everythingTwice, mongoPortsServer } from '../../support/mongo-ports.ts';
import { skipReason } from '../../support/mongo-servers.ts';
import { backfillLeaseContract } from './contract.ts';

backfillLeaseContract({ ...embeddedPorts, open: embeddedPorts.lease });

// Not on FerretDB, whose updates are not atomic.
const { open } = mongoPortsServer('mongo-java-server');
backfillLeaseContract({
  name: 'MongoDB, on mongo-java-server',
  skip: skipReason('mongo-java-server'),
  open: async () => open().lease,
});
backfillLeaseContract({
  name: 'MongoDB, where each request is repeated',
  skip: skipReason('mongo-java-server'),
  open: async () => open(everythingTwice).lease,
});
