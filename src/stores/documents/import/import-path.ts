import type { Call } from '../../../call.ts';
import { type ErrorCode, HydrogenError } from '../../../errors.ts';
import type { OwnPaths } from '../../../policy/own-files.ts';
import type { DocumentStore } from '../document-store.ts';
import { createIndexes, readMetadata } from './dump-metadata.ts';
import { type ImportOptions, type ImportReport, importFile } from './import.ts';
import { type Destination, type ImportPlan, type PlannedFile, planImport } from './plan.ts';

export interface ImportedFile extends ImportReport {
  readonly file: string;
  readonly database: string;
  readonly collection: string;
  /** How many indexes of a dump were created. */
  readonly indexes: number;
  /** Indexes of a dump that were not created, or were created differently. */
  readonly notes: readonly string[];
}

export interface PathReport {
  readonly imported: readonly ImportedFile[];
  readonly skipped: ImportPlan['skipped'];
  /** Files of a folder that could not be imported completely. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/** Errors after which the next file would fail as well. */
const fatalErrors: readonly ErrorCode[] = ['cancelled', 'timeout', 'unavailable', 'not_allowed', 'internal'];

async function importPlanned(
  store: DocumentStore,
  { file, path, namespace, metadata }: PlannedFile,
  options: ImportOptions,
  call: Call,
): Promise<ImportedFile> {
  const report = await importFile(store, namespace, file, { ...options, path }, call);
  // Created after the documents: that is faster, and a repeated import finds existing ones.
  const found = metadata === undefined ? undefined : await readMetadata(metadata);
  const { created, notes } = await createIndexes(store, namespace, found?.indexes ?? [], call);
  return { file, ...namespace, ...report, indexes: created, notes };
}

/**
 * Imports a file, a folder of files or a mongodump, as planned by `planImport`; a `.bson` includes its indexes. In a
 * folder, a file that cannot be imported does not stop the others.
 * @throws HydrogenError as `planImport` and, for a single file, `importFile`
 */
export async function importPath(
  store: DocumentStore,
  path: string,
  to: Destination,
  options: ImportOptions & { readonly own: OwnPaths },
  call: Call,
): Promise<PathReport> {
  const { files, skipped } = await planImport(path, to, options.own);
  const imported: ImportedFile[] = [];
  const failed: { path: string; reason: string }[] = [];
  for (const planned of files) {
    try {
      imported.push(await importPlanned(store, planned, options, call));
    } catch (error) {
      if (files.length === 1 || !(error instanceof HydrogenError) || fatalErrors.includes(error.code))
        throw error;
      failed.push({ path: planned.file, reason: error.message });
    }
  }
  return { imported, skipped, failed };
}
