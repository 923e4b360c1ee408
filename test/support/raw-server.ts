import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Era } from './connected.ts';
import { cli, environmentOf, root, type Settings } from './process.ts';

/** What every request of an era carries. */
export function paramsOf(era: Era): Record<string, unknown> {
  if (era === '2025-11-25') return {};
  const prefix = 'io.modelcontextprotocol';
  return {
    _meta: {
      [`${prefix}/protocolVersion`]: era,
      [`${prefix}/clientInfo`]: { name: 'raw', version: '1' },
      [`${prefix}/clientCapabilities`]: {},
    },
  };
}

/** An answer as it stands in a line. */
export interface RawAnswer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface RawServer {
  /**
   * Writes lines as they are and a ping behind them.
   * @returns what was answered before the ping
   */
  ask(...lines: readonly (string | Uint8Array)[]): Promise<RawAnswer[]>;
  /** Writes lines and waits for so many answers, in whatever order they come. */
  answersTo(lines: readonly string[], count: number): Promise<RawAnswer[]>;
  /** Ends stdin, with `text` before the end. @returns what was answered until the process had ended */
  end(text?: string): Promise<RawAnswer[]>;
  readonly child: ChildProcessWithoutNullStreams;
}

/**
 * A server on stdio to which anything can be written; no handshake is made.
 * @param options.shell a command that is run before it, in its process
 * @param options.mounts whether what that mounts is seen by it alone
 */
export function rawServer(
  settings: Settings,
  {
    era = '2025-11-25',
    shell,
    mounts = false,
  }: { readonly era?: Era; readonly shell?: string; readonly mounts?: boolean } = {},
): RawServer {
  const start = [process.execPath, cli];
  const [command = '', ...args] =
    shell === undefined
      ? start
      : [...(mounts ? ['unshare', '-m'] : []), 'sh', '-c', `${shell}; exec "$@"`, 'sh', ...start];
  const child = spawn(command, args, {
    cwd: root,
    env: environmentOf({ logLevel: 'silent', ...settings }),
    stdio: 'pipe',
  });
  child.stderr.resume();
  const answers: RawAnswer[] = [];
  let arrived = (): void => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    answers.push(JSON.parse(line) as RawAnswer);
    arrived();
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  }
  let marks = 0;
  return {
    child,
    async ask(...lines) {
      const mark = `mark ${++marks}`;
      for (const line of lines) {
        child.stdin.write(line);
        child.stdin.write('\n');
      }
      child.stdin.write(
        `${JSON.stringify({ jsonrpc: '2.0', id: mark, method: 'ping', params: paramsOf(era) })}\n`,
      );
      const placeOfMark = (): number => answers.findIndex(({ id }) => id === mark);
      await until(() => placeOfMark() >= 0);
      const at = placeOfMark();
      return answers.splice(0, at + 1).slice(0, at);
    },
    async answersTo(lines, count) {
      child.stdin.write(lines.map((line) => `${line}\n`).join(''));
      await until(() => answers.length >= count);
      return answers.splice(0);
    },
    async end(text = '') {
      child.stdin.end(text);
      await once(child, 'close');
      return answers.splice(0);
    },
  };
}
