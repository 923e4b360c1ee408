import { embeddedPorts } from '../../support/embedded-ports.ts';
import { backfillLeaseContract } from './contract.ts';

backfillLeaseContract({ ...embeddedPorts, open: embeddedPorts.lease });
