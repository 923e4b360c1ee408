import { lstat } from 'node:fs/promises';
import { badInput, HydrogenError } from '../../../errors.ts';
import { codeOf, fileTrouble, otherKind } from '../../../file-errors.ts';
import { wasReplaced } from '../../../policy/safe-open.ts';

/** A file is read more than once, so only a regular file will do. */
export function notFile(file: string, kind: string): HydrogenError {
  const advice = kind === 'a folder' ? 'Import it again.' : 'Write its output to a file, and import that.';
  return badInput(`"${file}" cannot be imported: it is ${kind}, not a file. ${advice}`);
}

const missing: readonly string[] = ['ENOENT', 'ENOTDIR'];
const forbidden: readonly string[] = ['EACCES', 'EPERM'];

/**
 * Why a file or folder cannot be opened, and what to do.
 * @param file its path as the caller gave it
 * @param path its real path
 */
export async function unreadable(file: string, path: string, cause: unknown): Promise<HydrogenError> {
  if (cause instanceof HydrogenError) return cause;
  const code = codeOf(cause);
  if (wasReplaced(cause)) {
    const what =
      code === 'ERR_LINK' ? 'a link has taken its place' : 'it, or a folder it is in, was replaced';
    return new HydrogenError('conflict', `"${file}" is not imported: ${what}. Import it again.`, { cause });
  }
  if (code === 'ERR_NO_FILE') {
    const found = await lstat(path).catch(() => undefined);
    return notFile(file, (found && otherKind(found)) ?? 'something else');
  }
  if (missing.includes(code)) {
    const message = `There is no file or folder "${file}". Check the path: a relative one begins in the command's folder.`;
    return new HydrogenError('not_found', message, { cause });
  }
  const {
    reason,
    advice,
    code: kind,
  } = fileTrouble(cause) ?? { reason: code || 'unknown error', code: 'bad_input' };
  const rights = 'Let this user read it, or import a copy.';
  const what = advice ?? (forbidden.includes(code) ? rights : 'Import a copy from elsewhere.');
  return new HydrogenError(kind, `"${file}" cannot be read: ${reason}. ${what}`, { cause });
}
