import { CommanderError } from 'commander';
import { HydrogenError } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  badInput: 2,
  notFound: 3,
  unavailable: 4,
  runNotCompleted: 5,
  interrupted: 130,
} as const;

/** The exit codes section of `--help`. */
export const exitCodesHelp = `
Exit codes:
  0  done
  1  the program failed
  2  wrong usage, input or setting
  3  something named does not exist
  4  a part is unavailable or degraded (doctor)
  5  the workflow run did not complete
  130  interrupted before it was done (143 by SIGTERM, 129 by SIGHUP)
A server, and \`ingest --watch\` once it watches, exit with 0 when told to stop.`;

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
  if (!(error instanceof HydrogenError)) return exitCodes.failed;
  switch (error.code) {
    case 'bad_input':
    case 'not_supported':
    case 'not_allowed':
    case 'too_large':
    case 'conflict':
      return exitCodes.badInput;
    case 'not_found':
      return exitCodes.notFound;
    case 'unavailable':
    case 'timeout':
    case 'too_many':
      return exitCodes.unavailable;
    case 'cancelled':
      return exitCodes.interrupted;
    case 'internal':
      return exitCodes.failed;
  }
}
