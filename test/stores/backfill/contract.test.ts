import { describe } from 'vitest';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { hasQdrant, qdrantPorts, qdrantSkipReason } from '../../support/servers/qdrant.ts';
import { backfillContract } from './contract.ts';

backfillContract({ ...embeddedPorts, open: embeddedPorts.retriever });
describe.skipIf(!hasQdrant)(`on a server${qdrantSkipReason}`, () => backfillContract(qdrantPorts));
