import { type FileIdentity, identityOf, isSameFile } from './identity.ts';

/**
 * The files that a connection works on. SQLite does not expose their descriptors, and keeps writing to a file that was
 * deleted, moved or replaced, so the files at the paths are compared with those that were opened.
 */
export interface OpenFiles {
  readonly main: FileIdentity;
  /** The log; absent where SQLite cannot have one (a file system without shared memory). */
  readonly log: FileIdentity | undefined;
  /** The index of the log, through which processes share it. */
  readonly shared: FileIdentity | undefined;
}

export const logOf = (file: string): string => `${file}-wal`;
export const sharedOf = (file: string): string => `${file}-shm`;

/** The files now at the paths. */
export function filesAt(file: string): Partial<OpenFiles> {
  const main = identityOf(file);
  return {
    ...(main && { main }),
    log: identityOf(logOf(file)),
    shared: identityOf(sharedOf(file)),
  };
}

/** No process removes the log while another has it open, so a different one means that ours was removed. */
function isSameLog(opened: FileIdentity | undefined, current: FileIdentity | undefined): boolean {
  return opened === undefined || isSameFile(opened, current);
}

/**
 * Whether writes to these files end up at the paths. `smaller`: they do where the store file was written anew, which is when
 * it shrinks; otherwise something else is in its place.
 */
export function areInPlace(opened: OpenFiles, file: string): boolean | 'smaller' {
  const { main, log, shared } = filesAt(file);
  if (main === undefined || !isSameFile(opened.main, main)) return false;
  if (!isSameLog(opened.log, log) || !isSameLog(opened.shared, shared)) return false;
  return main.bytes >= opened.main.bytes || 'smaller';
}
