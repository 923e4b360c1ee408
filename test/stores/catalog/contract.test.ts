import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { everythingTwice, mongoPortsServer } from '../../support/mongo-ports.ts';
import { skipReason } from '../../support/mongo-servers.ts';
import { catalogContract } from './contract.ts';

catalogContract({ name: 'embedded, with its passages', open: embeddedPorts.index });
catalogContract({ name: 'embedded, without passages', open: embeddedPorts.documents });
catalogContract({
  name: 'embedded, with its passages in another store',
  open: async () => (await embeddedPorts.apart()).catalog,
});

const knownWrong = {
  'mongo-java-server': {},
  ferretdb: {
    'sums up what is in each source, and removes one with its documents and places':
      'it groups without a maximum',
  },
};

for (const server of ['mongo-java-server', 'ferretdb'] as const) {
  const { open } = mongoPortsServer(server);
  catalogContract({
    name: `MongoDB, on ${server}`,
    skip: skipReason(server),
    open: async () => open().catalog,
    knownWrong: knownWrong[server],
  });
}

const { open } = mongoPortsServer('mongo-java-server');
catalogContract({
  name: 'MongoDB, where each request is repeated',
  skip: skipReason('mongo-java-server'),
  open: async () => open(everythingTwice).catalog,
});
catalogContract({
  name: 'MongoDB, with its passages in another store',
  skip: skipReason('mongo-java-server'),
  open: async () =>
    withPassagesIn((await embeddedPorts.retriever()).retriever, 'another store', open().catalog),
});
