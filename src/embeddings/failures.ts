import packageJson from '../../package.json' with { type: 'json' };
import type { Ending } from './crash.ts';
import type { CrashRecord } from './crash-record.ts';
import type { EmbeddingStatus } from './types.ts';

/** The optional dependency that transformers.js, which is in the bundle, needs at run time. */
export const runtime = `onnxruntime-node@${packageJson.optionalDependencies['onnxruntime-node']}`;

const hour = 3_600_000;
/**
 * Code that crashes before it has done anything does not fit the machine. One that had worked, or hung on a
 * machine that may have been busy, may do better the next time.
 */
const waits = { unfit: 7 * 24 * hour, otherwise: hour };

/** @param wasReady whether the model had been loaded */
export function whenToTry({ kind, how }: Ending, wasReady: boolean): CrashRecord {
  const when = wasReady ? 'while it made vectors' : 'while it was being loaded';
  return {
    reason: `The native code that runs embedding models (${runtime}) ${kind} ${when}: ${how}.`,
    until: Date.now() + (wasReady || kind === 'hung' ? waits.otherwise : waits.unfit),
  };
}

export function crashStatus({ reason, until }: CrashRecord): EmbeddingStatus {
  const date = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    state: 'failed',
    detail: `${reason} \`hydrogen doctor\` says what can be done.`,
    advice: `${reason} It may not fit this processor or system: install it again (\`npm install ${runtime}\`), update hydrogen-mcp or use another machine, then try it with \`hydrogen doctor --try-again\`. To do without it, set embeddingModel to "none". By itself it is tried again after ${date}.`,
  };
}

/** A process that something else ended, or that a mistake in our code did. */
export function endStatus(name: string, { how }: Ending): EmbeddingStatus {
  return {
    state: 'failed',
    detail: `The process of the embedding model "${name}" ended unexpectedly: ${how}. It is started again when it is needed.`,
  };
}

/** @param code the system's reason, such as `EAGAIN` */
export function notStartedStatus(code: string): EmbeddingStatus {
  const why = code === '' ? '' : ` (${code})`;
  return {
    state: 'failed',
    detail: `The system does not let the server start a process for the embedding model${why}: raise its limits of processes, memory and open files, or its rights. It is tried again when it is needed.`,
  };
}
