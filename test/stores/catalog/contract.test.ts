import { embeddedPorts } from '../../support/embedded-ports.ts';
import { catalogContract } from './contract.ts';

catalogContract({ ...embeddedPorts, open: embeddedPorts.index });
