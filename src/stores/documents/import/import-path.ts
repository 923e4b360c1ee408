import type { Call } from '../../../call.ts';
import { badInput, type ErrorCode, HydrogenError } from '../../../errors.ts';
import type { OwnPaths } from '../../../policy/own-files.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';
import { createIndexes, readMetadata } from './dump-metadata.ts';
import { isWorkbook } from './endings.ts';
import { type ImportOptions, type ImportReport, importDocuments, importFile } from './import.ts';
import { type Destination, type FailedPath, type PlannedFile, planImport, type SkippedPath } from './plan.ts';
import { chooseSheets, type ReadSheets, sheetDocuments } from './workbook.ts';

export interface ImportedFile extends ImportReport {
  readonly file: string;
  /** Of a workbook. */
  readonly sheet?: string;
  readonly database: string;
  readonly collection: string;
  /** How many indexes of a dump were created. */
  readonly indexes: number;
}

export interface PathReport {
  readonly imported: readonly ImportedFile[];
  readonly skipped: readonly SkippedPath[];
  /** Files that could not be imported completely, of several. */
  readonly failed: readonly FailedPath[];
}

export interface PathOptions extends ImportOptions {
  readonly own: OwnPaths;
  readonly readSheets: ReadSheets;
  /** The sheet of a workbook that is imported; all of them otherwise. */
  readonly sheet?: string;
}

/** Errors after which the next file would fail as well. */
const fatalErrors: readonly ErrorCode[] = ['cancelled', 'timeout', 'unavailable', 'not_allowed', 'internal'];

/**
 * Notes what fails, unless it is all there is or nothing else would succeed.
 * @param path of the file, and the sheet
 */
type Attempt = (path: string, isAlone: boolean, work: () => Promise<void>) => Promise<void>;

/** Imports planned files one after another, and knows which collections they went into. */
function createImporter(
  store: DocumentStore,
  to: Destination,
  options: PathOptions,
  attempt: Attempt,
  call: Call,
) {
  const imported: ImportedFile[] = [];
  /** The file that each collection was made of. */
  const begun = new Map<string, string>();

  /** @throws HydrogenError where files would be mixed that nobody has said belong together */
  async function write(
    namespace: Namespace,
    file: string,
    work: (options: ImportOptions) => Promise<ImportReport>,
  ): Promise<ImportReport> {
    const key = `${namespace.database}.${namespace.collection}`;
    const earlier = begun.get(key);
    if (earlier !== undefined && to.collection === undefined) {
      throw badInput(
        `It would become the collection "${namespace.collection}", as "${earlier}" did: name one, \`hydrogen import COLLECTION FILE\`.`,
      );
    }
    const report = await work({ ...options, drop: options.drop && earlier === undefined });
    begun.set(key, file);
    return report;
  }

  async function importWorkbook({ file, path, namespace }: PlannedFile, isAlone: boolean): Promise<void> {
    const sheets = await options.readSheets(path, call);
    const choice = { requested: options.sheet, isNamed: to.collection !== undefined };
    const chosen = chooseSheets(file, sheets, namespace.collection, choice);
    for (const { sheet, collection } of chosen) {
      const target = { ...namespace, collection };
      const place = `${file}, sheet "${sheet.name}"`;
      await attempt(place, isAlone && chosen.length === 1, async () => {
        const report = await write(target, place, async (given) =>
          importDocuments(store, target, await sheetDocuments(sheet, given), given, call),
        );
        imported.push({ file, sheet: sheet.name, ...target, ...report, indexes: 0 });
      });
    }
  }

  async function importPlanned(planned: PlannedFile, isAlone: boolean): Promise<void> {
    const { file, path, namespace, metadata } = planned;
    if (isWorkbook(file)) return importWorkbook(planned, isAlone);
    const report = await write(namespace, file, (given) =>
      importFile(store, namespace, file, { ...given, path }, call),
    );
    // Created after the documents: that is faster, and a repeated import finds existing ones.
    const found = metadata === undefined ? undefined : await readMetadata(metadata);
    const { created, notes } = await createIndexes(store, namespace, found?.indexes ?? [], call);
    imported.push({ file, ...namespace, ...report, indexes: created, notes: [...report.notes, ...notes] });
  }

  return { imported, importPlanned };
}

/**
 * Imports files, folders of files and mongodumps, as planned by `planImport`; a `.bson` includes its indexes, and the
 * sheets of a workbook become collections. One of several files that cannot be imported does not stop the others. With
 * `drop`, a collection is emptied before the first file that goes there.
 * @throws HydrogenError as `planImport` and, for a single file, `importFile`
 */
export async function importPaths(
  store: DocumentStore,
  paths: readonly string[],
  to: Destination,
  options: PathOptions,
  call: Call,
): Promise<PathReport> {
  const [files, skipped, failed]: [PlannedFile[], SkippedPath[], FailedPath[]] = [[], [], []];

  const attempt: Attempt = async (path, isAlone, work) => {
    try {
      await work();
    } catch (error) {
      if (isAlone || !(error instanceof HydrogenError) || fatalErrors.includes(error.code)) throw error;
      failed.push({ path, reason: error.message });
    }
  };
  const { imported, importPlanned } = createImporter(store, to, options, attempt, call);

  for (const path of paths) {
    await attempt(path, paths.length === 1, async () => {
      const plan = await planImport(path, to, options.own);
      files.push(...plan.files);
      skipped.push(...plan.skipped);
      failed.push(...plan.failed);
    });
  }
  const isAlone = paths.length === 1 && files.length === 1 && failed.length === 0;
  for (const planned of files) await attempt(planned.file, isAlone, () => importPlanned(planned, isAlone));
  return { imported, skipped, failed };
}
