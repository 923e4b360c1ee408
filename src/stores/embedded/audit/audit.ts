import type { AuditLog } from '../../audit/audit-log.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { auditOperations } from './operations.ts';

/** The audit records, in the store file: one chain for every process on the data directory. */
export function createEmbeddedAuditLog(file: StoreFile): AuditLog {
  return createClient(file, auditOperations);
}
