import { embeddedPorts } from '../../support/embedded-ports.ts';
import { mongoPortsServer } from '../../support/mongo-ports.ts';
import { skipReason } from '../../support/mongo-servers.ts';
import { positionsContract } from './contract.ts';

positionsContract({ name: 'embedded', open: embeddedPorts.library });

for (const server of ['mongo-java-server', 'ferretdb'] as const) {
  const { open } = mongoPortsServer(server);
  positionsContract({ name: `MongoDB, on ${server}`, skip: skipReason(server), open: async () => open() });
}
