// A test of what a system has, or does not have, runs only there, and says what that is: `test.runIf(posix('named pipes'))`.
// What a user meets on another system in its place has a test of its own.

/** Linux and macOS. @param what the test needs of them */
export const posix = (_what: string): boolean => process.platform !== 'win32';

/** @param what the test needs of Windows */
export const windows = (_what: string): boolean => process.platform === 'win32';

/** @param what the test needs of Linux */
export const linux = (_what: string): boolean => process.platform === 'linux';

/** Where modes keep a user out: the superuser may read everything. */
export const modesHold = (): boolean => posix('modes') && process.getuid?.() !== 0;
