import { main } from '../../src/cli/main.ts';
import { environmentName } from '../../src/config.ts';
import type { CommandResult, Settings } from './process.ts';

/** What is written to a stream goes to `take` until the returned function is called. */
function divert(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const write = stream.write;
  stream.write = (text: string | Uint8Array): boolean => {
    take(String(text));
    return true;
  };
  return () => {
    stream.write = write;
  };
}

/** Sets variables of the environment until the returned function is called. */
function withEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/**
 * Runs one command line in this process: it does what `hydrogen` does, in half the time. What is the process's own (its
 * log, signals, the reading of stdin, its end) is tested with `hydrogen`.
 */
export async function command(args: readonly string[], settings: Settings = {}): Promise<CommandResult> {
  const written = { out: '', err: '' };
  const code = process.exitCode;
  const named = Object.entries(settings).map(([name, value]) => [environmentName(name), value]);
  const undo = [
    divert(process.stdout, (text) => {
      written.out += text;
    }),
    divert(process.stderr, (text) => {
      written.err += text;
    }),
    withEnvironment(Object.fromEntries(named)),
  ];
  try {
    await main([process.execPath, 'hydrogen', ...args]);
    return { ...written, code: Number(process.exitCode) };
  } finally {
    for (const step of undo) step();
    process.exitCode = code;
  }
}
