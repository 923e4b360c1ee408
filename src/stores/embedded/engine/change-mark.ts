import { stat } from 'node:fs/promises';
import { logOf } from './open-files.ts';

/**
 * Differs after a commit, whichever process made it. It costs two calls of the file system and no thread. It may also
 * differ without one: when the log is written back to the file.
 */
export async function changeMark(file: string): Promise<string> {
  const [main, log] = await Promise.all(
    [file, logOf(file)].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  // An empty log comes and goes with the connections.
  const written = log && log.size > 0n ? `${log.mtimeNs} ${log.size}` : '';
  return main ? `${main.ino} ${main.mtimeNs} ${main.size} ${written}` : '';
}
