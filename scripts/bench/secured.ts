import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Runs a command of the built program. @returns what it prints on stdout */
export const hydrogen = (dataDir: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [cli, '--data-dir', dataDir, '--set', 'embeddingModel=none', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

/** Higher than any load reaches, so that everything is counted and nothing refused. */
const high = { callsPerMinute: 1e9, callsAtOnce: 1e4, rowsPerHour: 1e12, bytesPerHour: 1e15 };

/** Settings of a server that knows its callers, limits, records and measures them. */
export function securedSettings(dataDir: string): Readonly<Record<string, string>> {
  const operations = ['read', 'ingest', 'run', 'write', 'destroy'];
  return {
    HYDROGEN_HTTP_AUTHENTICATION: 'required',
    HYDROGEN_LIMITS: JSON.stringify({
      requestsPerMinute: 1e9,
      callsInAll: 1e4,
      ...Object.fromEntries(operations.map((operation) => [operation, high])),
    }),
    HYDROGEN_AUDIT_KEY: hydrogen(dataDir, 'audit', 'key'),
    HYDROGEN_METRICS: 'true',
    HYDROGEN_METRICS_PORT: '0',
  };
}

/** An API key with all rights on the data of that directory. */
export const newKey = (dataDir: string): string =>
  hydrogen(dataDir, 'keys', 'create', 'load', '--scopes', 'read,ingest,run,write,destroy');
