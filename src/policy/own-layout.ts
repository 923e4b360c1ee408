import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { identityOf, type OwnPaths, upwards } from './own-files.ts';
import { type FileId, isSame } from './safe-open.ts';

/** One of the server's own files in a folder of documents, described without paths. */
export interface LayoutFault {
  readonly what: string;
  readonly action: string;
}

/** Whether a real path is this folder or below it. */
async function liesIn(path: string, folder: FileId): Promise<boolean> {
  for (const at of upwards(path)) {
    const identity = await identityOf(at);
    if (identity && isSame(identity, folder)) return true;
  }
  return false;
}

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);

/** Whether a file exists in a folder or below it. */
async function holds(folder: FileId, file: string): Promise<boolean> {
  const parent = (await identityOf(file)) && (await real(dirname(file)));
  return parent !== undefined && (await liesIn(parent, folder));
}

function fileFault(file: string, folder: string): LayoutFault {
  const fileName = `"${basename(file)}"`;
  return {
    what: `${fileName} with settings or secrets is in ${folder}, where documents are read`,
    action: `Move ${fileName} out of ${folder} (for settings: --config FILE says where), or read other folders.`,
  };
}

/**
 * Reports folders of documents that contain the server's own files, or are in its data directory. None of these are
 * read, but anyone who can write to the folder, or copies it, has them.
 */
export async function layoutFaults(
  { dataDirectory, files }: OwnPaths,
  folders: readonly string[],
): Promise<LayoutFault[]> {
  const directory = await real(dataDirectory);
  const data = directory === undefined ? undefined : await identityOf(directory);
  const found: LayoutFault[] = [];
  for (const path of new Set(await Promise.all(folders.map(real)))) {
    const folder = path === undefined ? undefined : await identityOf(path);
    if (path === undefined || !folder) continue;
    const name = `"${basename(path) || path}"`;
    if (directory !== undefined && (await liesIn(directory, folder))) {
      found.push({
        what: `the data directory is in ${name}, where documents are read`,
        action: `Move the data directory out of ${name} and set dataDir (HYDROGEN_DATA_DIR) to its new place, or read other folders.`,
      });
    } else if (data && (await liesIn(path, data))) {
      found.push({
        what: `${name} is in the data directory, which is never read`,
        action: `Move the documents of ${name} out of the data directory, or set dataDir (HYDROGEN_DATA_DIR) to another folder.`,
      });
    }
    for (const file of files) if (await holds(folder, file)) found.push(fileFault(file, name));
  }
  return found;
}
