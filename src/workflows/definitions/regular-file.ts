import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';

export interface OpenFile {
  readonly handle: FileHandle;
  readonly stat: BigIntStats;
}

/** Windows has neither; a pipe must not be waited for. */
const cautious = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

function fault(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/**
 * Opens a regular file for reading, and waits for nothing else: a pipe, a socket or a device is not touched.
 * @param path absolute and real, as `realpath` gives it
 * @throws EINVAL for what is no regular file, ESTALE when something has taken its place meanwhile, and as `open`
 */
export async function openFile(path: string): Promise<OpenFile> {
  const seen = await lstat(path, { bigint: true });
  if (!seen.isFile()) throw fault('EINVAL', 'not a regular file');
  const handle = await open(path, constants.O_RDONLY | cautious);
  try {
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile() || stat.ino !== seen.ino || stat.dev !== seen.dev) {
      throw fault('ESTALE', 'something else has taken its place');
    }
    return { handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
