import { describe } from 'vitest';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { hasQdrant, qdrantPorts, qdrantSkipReason } from '../../support/servers/qdrant.ts';
import { retrieverContract } from './contract.ts';

retrieverContract({ ...embeddedPorts, open: embeddedPorts.retriever });
describe.skipIf(!hasQdrant)(`on a server${qdrantSkipReason}`, () => retrieverContract(qdrantPorts));
