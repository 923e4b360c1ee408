import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How fast `/health/liveness` was answered. */
export interface Liveness {
  /** Times of all answers so far, ms. */
  readonly times: readonly number[];
  /** What was not answered as it should. */
  readonly failures: readonly string[];
  stop(): void;
}

/** Asks the server at the MCP endpoint `url` every `intervalMs`, or as soon as the last answer is there. */
export function watchLiveness(url: string, intervalMs = 100): Liveness {
  const times: number[] = [];
  const failures: string[] = [];
  const asked = url.replace(/\/mcp$/, '/health/liveness');
  const program = fileURLToPath(new URL('./liveness-process.ts', import.meta.url));
  const child = fork(program, [asked, String(intervalMs)]);
  child.on('message', (answer: number | string) => {
    if (typeof answer === 'number') times.push(answer);
    else failures.push(answer);
  });
  return {
    times,
    failures,
    stop: () => void child.kill(),
  };
}
