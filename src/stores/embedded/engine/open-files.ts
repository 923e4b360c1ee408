import { type FileIdentity, identityOf, isSameFile } from './identity.ts';

/**
 * The files that a connection works on. SQLite keeps their descriptors to itself, and writes on into a file that
 * was deleted, moved or replaced: so what lies at the paths is compared with what was opened.
 */
export interface OpenFiles {
  readonly main: FileIdentity;
  /** The log; absent where SQLite cannot keep one (a file system without shared memory). */
  readonly log: FileIdentity | undefined;
  /** The index of the log, through which processes share it. */
  readonly shared: FileIdentity | undefined;
}

export const logOf = (file: string): string => `${file}-wal`;
export const sharedOf = (file: string): string => `${file}-shm`;

/** What lies at the paths now. */
export function filesAt(file: string): Partial<OpenFiles> {
  const main = identityOf(file);
  return {
    ...(main && { main }),
    log: identityOf(logOf(file)),
    shared: identityOf(sharedOf(file)),
  };
}

/** No process removes the log while another has it open, so one that is not the same was taken away. */
function isSameLog(opened: FileIdentity | undefined, current: FileIdentity | undefined): boolean {
  return opened === undefined || isSameFile(opened, current);
}

/** Whether what is written through these files is found at the paths. The store file never becomes smaller. */
export function areInPlace(opened: OpenFiles, file: string): boolean {
  const { main, log, shared } = filesAt(file);
  return (
    main !== undefined &&
    isSameFile(opened.main, main) &&
    main.bytes >= opened.main.bytes &&
    isSameLog(opened.log, log) &&
    isSameLog(opened.shared, shared)
  );
}
