import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { version } from '../version.ts';
import { weightsOf } from './fingerprint.ts';
import type { ModelRequest } from './messages.ts';

/** Covers the first processor; the rest says the same of the others, and takes the kernel long to produce. */
const cpuinfoBytes = 4_096;

/** The processor and its features. */
function processor(): string {
  try {
    const file = openSync('/proc/cpuinfo', 'r');
    try {
      const bytes = Buffer.alloc(cpuinfoBytes);
      const text = bytes.toString('utf8', 0, readSync(file, bytes));
      return (text.match(/^(model name|flags|Features|CPU part|isa|Hardware)\b.*$/gim) ?? []).join('\n');
    } finally {
      closeSync(file);
    }
  } catch {
    return cpus()[0]?.model ?? '';
  }
}

/** Changes when the file is replaced, even by one with the same size and modification time. */
function stamp(path: string): unknown[] {
  const { size, mtimeMs, ctimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return [path, size, mtimeMs, ctimeMs];
}

/** The files of the installed runtime that are loaded on this machine. */
function runtimeFiles(): unknown[] {
  try {
    const main = createRequire(import.meta.url).resolve('onnxruntime-node');
    const native = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
    let names: string[] = [];
    try {
      names = readdirSync(native).sort();
    } catch {
      // Another layout: the main file has to do.
    }
    return [main, ...names.map((name) => join(native, name))].map(stamp);
  } catch {
    return [];
  }
}

/** The variables and options that decide which native code is loaded and how it behaves. */
function environment(): unknown[] {
  const names = Object.keys(process.env).filter((name) =>
    /^(LD_|DYLD_|NODE_OPTIONS$|GLIBC_TUNABLES$)/.test(name),
  );
  return [process.execArgv, ...names.sort().map((name) => [name, process.env[name]])];
}

/** Changes when the model's native code may behave differently: machine, system, Node, runtime, model, our version. */
export function machineKey(model: ModelRequest): string {
  const facts = [
    version,
    process.version,
    process.platform,
    process.arch,
    release(),
    processor(),
    runtimeFiles(),
    environment(),
    [model.location, model.hub?.revision, stamp(weightsOf(model))],
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
