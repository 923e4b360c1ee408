/** Signals that mean a fault in the code of the process. */
const crashes: Readonly<Record<string, string>> = {
  SIGILL: 'illegal instruction',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'abort',
  SIGBUS: 'bus error',
  SIGFPE: 'arithmetic error',
  SIGTRAP: 'trap',
  SIGSYS: 'forbidden system call',
};

/** Windows has no signals; there, the system or the C library ends a crashing process with one of these codes. */
const crashCodes: Readonly<Record<number, string>> = {
  134: 'abort',
  3221225477: 'access violation',
  3221225501: 'illegal instruction',
  3221225620: 'arithmetic error',
  3221225622: 'privileged instruction',
  3221225725: 'stack overflow',
  3221226356: 'heap corruption',
  3221226505: 'abort',
};

/** Windows exit codes that look like a crash but are not the fault of the code. */
const endings: Readonly<Record<number, string>> = {
  3221225495: 'there was not enough memory',
  3221225773: 'there was not enough memory',
  3221225786: 'its console was closed or Ctrl-C pressed',
  3221225794: 'the system is shutting down',
};

/** V8 and the C++ library abort when out of memory, which is not the fault of the code. */
const noMemory = /out of memory|bad_alloc|cannot allocate|allocation failed/i;

/** How a process ended that was not asked to end. */
export interface Ending {
  /** Native code that `crashed` or `hung` does not work here: another attempt would end the same way. */
  readonly kind: 'crashed' | 'hung' | 'ended';
  /** `illegal instruction (SIGILL)` */
  readonly how: string;
}

/** @param stderr the end of its output */
export function endingOf(code: number | null, signal: NodeJS.Signals | null, stderr: string): Ending {
  if (noMemory.test(stderr)) return { kind: 'ended', how: 'there was not enough memory' };
  if (signal !== null) {
    const name = crashes[signal];
    if (name !== undefined) return { kind: 'crashed', how: `${name} (${signal})` };
    const often = signal === 'SIGKILL' ? ', as systems do when out of memory' : '';
    return { kind: 'ended', how: `something ended it with ${signal}${often}` };
  }
  const status = code ?? 0;
  const ending = endings[status];
  if (ending !== undefined) return { kind: 'ended', how: `${ending} (0x${status.toString(16)})` };
  const name = crashCodes[status];
  const isCrash = name !== undefined || status >= 0xc0000000;
  const shown = status >= 0xc0000000 ? `0x${status.toString(16)}` : `exit code ${status}`;
  return { kind: isCrash ? 'crashed' : 'ended', how: name === undefined ? shown : `${name} (${shown})` };
}
