import { embeddedPorts } from '../../support/embedded-ports.ts';
import { backfillContract } from './contract.ts';

backfillContract({ ...embeddedPorts, open: embeddedPorts.retriever });
