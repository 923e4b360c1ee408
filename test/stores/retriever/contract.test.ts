import { embeddedPorts } from '../../support/embedded-ports.ts';
import { retrieverContract } from './contract.ts';

retrieverContract({ ...embeddedPorts, open: embeddedPorts.retriever });
