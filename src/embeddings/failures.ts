import packageJson from '../../package.json' with { type: 'json' };
import type { Ending } from './crash.ts';
import type { CrashRecord } from './crash-record.ts';
import type { EmbeddingStatus } from './types.ts';

/** The optional dependency that the bundled transformers.js needs at run time. */
export const runtime = `onnxruntime-node@${packageJson.optionalDependencies['onnxruntime-node']}`;

const hour = 3_600_000;
/**
 * Code that crashes before it has done anything is unfit for the machine. Code that had worked, or that hung on a
 * machine that may have been busy, may do better next time.
 */
const retryAfterMs = { unfit: 7 * 24 * hour, otherwise: hour };

/** @param wasReady whether the model had been loaded */
export function whenToTry({ kind, how }: Ending, wasReady: boolean): CrashRecord {
  const when = wasReady ? 'while it made vectors' : 'while it was being loaded';
  return {
    reason: `The native code that runs embedding models (${runtime}) ${kind} ${when}: ${how}.`,
    until: Date.now() + (wasReady || kind === 'hung' ? retryAfterMs.otherwise : retryAfterMs.unfit),
  };
}

export function crashStatus({ reason, until }: CrashRecord): EmbeddingStatus {
  const date = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return {
    state: 'failed',
    detail: `${reason} \`hydrogen doctor\` says what to do.`,
    advice: `${reason} It may not suit this processor or system: reinstall it (\`npm install ${runtime}\`), update hydrogen-mcp or use another machine, then retry with \`hydrogen doctor --try-again\`. To do without it, set embeddingModel to "none". It is retried automatically after ${date}.`,
  };
}

/** For a process ended from outside, or by a bug of ours. */
export function endStatus(name: string, { how }: Ending): EmbeddingStatus {
  return {
    state: 'failed',
    detail: `The process of the embedding model "${name}" ended unexpectedly: ${how}. It is restarted when needed.`,
  };
}

/** @param code the system's reason, such as `EAGAIN` */
export function notStartedStatus(code: string): EmbeddingStatus {
  const why = code === '' ? '' : ` (${code})`;
  return {
    state: 'failed',
    detail: `The system does not let the server start a process for the embedding model${why}: raise its limits on processes, memory and open files, or its permissions. It is retried when needed.`,
  };
}
