import { HydrogenError } from '../errors.ts';

/** Why a port cannot be had, by the code of the system. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
};

/**
 * An error that listening has failed with, in words.
 * @param port with what it is for, where there are several: `9464 for metrics`
 * @param setting that chooses it
 * @returns undefined where it is not the port
 */
export function portTrouble(
  cause: NodeJS.ErrnoException,
  port: string,
  setting: 'httpPort' | 'metricsPort',
): HydrogenError | undefined {
  const reason = reasons[cause.code ?? ''];
  if (reason === undefined) return undefined;
  const message = `Port ${port} ${reason}. Choose another with --set ${setting}=PORT, or 0 for a free one.`;
  return new HydrogenError('unavailable', message, { cause });
}
