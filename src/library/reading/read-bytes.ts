import { fileTrouble, notLetIn } from '../../file-errors.ts';
import { type FileId, isSame, type OpenFile, openFile, readAll } from '../../policy/safe-open.ts';
import { megabytes, Unreadable } from './loaders/loader.ts';
import type { FileContent } from './parse-messages.ts';
import { startBytes } from './untyped-content.ts';

const notFetched =
  'not readable: if it is in OneDrive, iCloud or another cloud or network folder, it was not fetched; keep it on this device, and read it again';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'not readable: permission denied',
  EPERM: notLetIn,
  ENOENT: 'removed while being read',
  ENOTDIR: 'removed while being read',
  ERR_LINK: 'replaced by a link while being read',
  ERR_REPLACED: 'it or a parent folder was replaced while being read',
  EBUSY: 'not readable: in use by another program',
  // macOS and Windows, for a file whose content is in a cloud and cannot be fetched now.
  EDEADLK: notFetched,
  UNKNOWN: notFetched,
  ETIMEDOUT: notFetched,
};

/** A file that cannot be read at the moment. */
export class Unopened extends Error {}

/** A replaced file is fine, since programs save that way; a hard link to another file is not. */
function isAsSeen({ stat }: OpenFile, seen: FileId | undefined): boolean {
  return seen === undefined || isSame(stat, seen) || stat.nlink === 1n;
}

/**
 * @param look Sees the first bytes of the file, and may throw Unreadable before the others are read.
 * @throws Unopened, or Unreadable for what no file can be read from
 */
export async function readBytes(
  { file: path, maxBytes, seen }: FileContent,
  look?: (start: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  let size = 0n;
  try {
    const file = await openFile(path);
    size = file.stat.size;
    try {
      if (!isAsSeen(file, seen)) throw new Unopened(reasons['ERR_REPLACED']);
      if (look) {
        const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(startBytes), { position: 0 });
        await look(buffer.subarray(0, bytesRead));
      }
      return await readAll(file, maxBytes);
    } finally {
      await file.handle.close();
    }
  } catch (error) {
    if (error instanceof Unopened || error instanceof Unreadable) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ERR_NO_FILE') throw new Unreadable('not a regular file');
    if (code === 'ERR_TOO_LARGE') {
      throw new Unreadable(`too large (${megabytes(Number(size))}; the limit is ${megabytes(maxBytes)})`);
    }
    throw new Unopened(
      reasons[code] ?? `not readable: ${fileTrouble(error)?.reason ?? (code || 'unknown error')}`,
    );
  }
}
