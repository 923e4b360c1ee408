import type { BigIntStats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileTrouble, otherKind } from '../../file-errors.ts';
import { below } from '../../policy/path-text.ts';
import { openFile, wasReplaced } from '../../policy/safe-open.ts';
import { decodeText } from './text.ts';

/** A file that should hold a definition: its text, or why there is none. */
export interface FoundFile {
  readonly name: string;
  /** Changes whenever the file does; absent when the file could not be inspected. */
  readonly stamp?: string;
  /** Absent when there is a problem, or when the stamp is already known. */
  readonly text?: string;
  readonly problem?: string;
}

const extensions = new Set(['.yaml', '.yml', '.json']);
const maxBytes = 256 * 1024;
/** As many as stored verdicts. */
const maxFiles = 500;

function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

/** Why a file could not be read, without its path. */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (wasReplaced(error) || code === 'ERR_NO_FILE') return 'it was replaced while being read; try again';
  const trouble = fileTrouble(error);
  const reason = trouble?.reason ?? code ?? 'see the server log';
  return `the file cannot be read: ${reason}${trouble?.advice ? `. ${trouble.advice}` : ''}`;
}

/** The text of a file that should hold a definition. @throws as the file system does */
export async function readDefinition(path: string): Promise<Omit<FoundFile, 'name'>> {
  const { handle, stat: opened } = await openFile(path);
  try {
    const stamp = stampOf(opened);
    if (opened.size > maxBytes) {
      return { stamp, problem: `the file has ${opened.size} bytes; at most ${maxBytes} are read` };
    }
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more) {
      more = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    if (length > maxBytes) return { stamp, problem: `the file has more than ${maxBytes} bytes` };
    const text = decodeText(bytes.subarray(0, length));
    return text === undefined ? { stamp, problem: 'the file is not text in UTF-8' } : { stamp, text };
  } finally {
    await handle.close();
  }
}

/** Undefined when the file no longer exists. */
async function readFile(
  folder: string,
  name: string,
  isKnown: (name: string, stamp: string) => boolean,
): Promise<FoundFile | undefined> {
  const path = join(folder, name);
  const isLink = (await lstat(path)).isSymbolicLink();
  try {
    const real = isLink ? await realpath(path) : path;
    // A file elsewhere was not meant for this server; its first lines could leak through messages.
    if (below(folder, real) === undefined) {
      return { name, problem: 'it links outside its folder in workflowFolders' };
    }
    const found = await stat(real, { bigint: true });
    const kind = otherKind(found);
    if (kind !== undefined) return { name, problem: `it is ${kind}, not a file` };
    const stamp = stampOf(found);
    if (isKnown(name, stamp)) return { name, stamp };
    return { name, ...(await readDefinition(real)) };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) return isLink ? { name, problem: 'it is a broken link' } : undefined;
    return { name, problem: reasonOf(error) };
  }
}

/**
 * The files of a folder that should hold definitions, by name. Links are followed within the folder.
 * @param isKnown true if the text of a file with this stamp is not needed
 * @throws as `readdir` when the folder cannot be read
 */
export async function readFolder(
  folder: string,
  isKnown: (name: string, stamp: string) => boolean,
): Promise<FoundFile[]> {
  const real = await realpath(folder);
  const names = (await readdir(real)).filter((name) => extensions.has(extname(name).toLowerCase())).sort();
  const found: FoundFile[] = [];
  for (const name of names.slice(0, maxFiles)) {
    const file = await readFile(real, name, isKnown).catch((error: unknown): FoundFile | undefined =>
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : { name, problem: reasonOf(error) },
    );
    if (file) found.push(file);
  }
  for (const name of names.slice(maxFiles, maxFiles + 1)) {
    const more = names.length - maxFiles;
    found.push({
      name,
      problem: `this file and ${more - 1} more in its folder are not read (max ${maxFiles})`,
    });
  }
  return found;
}
