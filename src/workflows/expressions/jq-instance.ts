import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadJq } from 'jq-wasm';
import { createTextCollector } from './text-collector.ts';

/** The result of a jq program: its exit status and output. */
export interface JqResult {
  readonly status: number;
  /** At most about `maxOutput` characters. */
  readonly output: string;
  /** Number of characters written. */
  readonly outputLength: number;
  readonly error: string;
}

/** An evaluation that did not complete: jq ran out of memory, or broke (a trap, an assertion, its stack). */
interface JqFailure {
  readonly failure: 'memory' | 'broken';
}

/** A running instance of jq. */
export interface JqInstance {
  /**
   * Restores the static data, the guard at the end of the stack and the initial heap before every evaluation. The rest
   * of the stack, and memory beyond the initial heap, are left as they are.
   */
  evaluate(program: string, input: string): JqResult | JqFailure;
  /** Whether it can be used again; otherwise a new instance is needed. */
  isSound(): boolean;
}

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** The part of the platform's WebAssembly that is used; TypeScript declares it for browsers only. */
interface Platform {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: Exports };
  readonly Memory: new () => Memory;
}

type Exports = Readonly<Record<string, unknown>>;
type Imported = (...args: number[]) => unknown;
type Imports = Record<string, Record<string, Imported>>;

/** In characters. */
export const maxOutput = 4 * 1024 * 1024;
const maxError = 64 * 1024;

/** An `__wasi_iovec_t`: two 32-bit numbers, address and length. */
const vectorBytes = 8;
/** The package's build setting. The stack lies above the static data and grows down towards it, unguarded. */
const stackBytes = 1024 * 1024;
/** The end of the stack, which must stay untouched; a stack frame of jq takes at most 2 kB. */
const guardBytes = 64 * 1024;
const guard = Buffer.alloc(guardBytes, 0xa5);
/** An instance that has grown beyond this is discarded: WebAssembly memory never shrinks. */
const maxRetainedBytes = 64 * 1024 * 1024;

const platform = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly;
let compiled: object | undefined;

/** Compiled once per thread. */
function jqModule(): object {
  compiled ??= new platform.Module(readFileSync(fileURLToPath(import.meta.resolve('jq-wasm/jq.wasm'))));
  return compiled;
}

function isEmpty(memory: Memory, from: number, bytes: number): boolean {
  return Buffer.alloc(bytes).equals(new Uint8Array(memory.buffer, from, bytes));
}

/** The top of the stack, as returned by an export with a minified name. */
function stackTop(exports: Exports, memory: Memory): number {
  const position = exports['L'];
  const top: unknown = typeof position === 'function' && position.length === 0 ? position() : undefined;
  const unused = stackBytes - 1024;
  if (typeof top === 'number' && top > stackBytes && isEmpty(memory, top - stackBytes, unused)) return top;
  throw new Error('this version of jq-wasm has another layout of memory');
}

/** A copy of a new instance's heap. */
function heapOf(memory: Memory, from: number): Uint8Array {
  let to = from;
  while (!isEmpty(memory, to, guardBytes)) to += guardBytes;
  return new Uint8Array(memory.buffer).slice(from, to);
}

/**
 * Starts jq, which takes 2 ms once it is compiled.
 *
 * The package runs jq's command line program repeatedly in the same memory, where a program that nests values deeply
 * overwrites the static data below the stack, usually without a trap. Hence the guard at the end of the stack, and the
 * memory restored before each evaluation.
 */
export async function startJqInstance(): Promise<JqInstance> {
  let memory: Memory | undefined;
  let exports: Exports = {};
  let input: Uint8Array = new Uint8Array();
  let output = createTextCollector(maxOutput);
  let error = createTextCollector(maxError);
  let outOfMemory = false;
  let sound = true;

  const current = (): ArrayBuffer => memory?.buffer ?? new ArrayBuffer(0);

  /** Calls `transfer` for each buffer in the vectors, and stores the number of bytes moved. */
  function eachPart(
    at: number,
    count: number,
    total: number,
    transfer: (part: Uint8Array) => number,
  ): number {
    const buffer = current();
    const view = new DataView(buffer);
    let moved = 0;
    for (let i = 0; i < count; i++) {
      const vector = at + i * vectorBytes;
      moved += transfer(
        new Uint8Array(buffer, view.getUint32(vector, true), view.getUint32(vector + 4, true)),
      );
    }
    view.setUint32(total, moved, true);
    return 0;
  }

  /** The input is the only file that a program can read. */
  const read: Imported = (_file = 0, at = 0, count = 0, total = 0) =>
    eachPart(at, count, total, (part) => {
      const chunk = input.subarray(0, part.length);
      part.set(chunk);
      input = input.subarray(chunk.length);
      return chunk.length;
    });

  const write: Imported = (file = 0, at = 0, count = 0, total = 0) =>
    eachPart(at, count, total, (part) => {
      (file === 1 ? output : error).add(part);
      return part.length;
    });

  /**
   * Replaces I/O functions of the package, which move bytes one by one and keep all output. The imports have minified
   * keys, so they are found by function name.
   */
  function withReplacements(imports: Imports): Imports {
    const replacements: Readonly<Record<string, (original: Imported) => Imported>> = {
      _fd_read: () => read,
      _fd_write: () => write,
      _emscripten_resize_heap:
        (original) =>
        (bytes = 0) => {
          const grown = original(bytes);
          if (!grown) outOfMemory = true;
          return grown;
        },
    };
    const replaced = new Set<string>();
    const groups = Object.entries(imports).map(([group, functions]) => {
      const entries = Object.entries(functions).map(([key, original]) => {
        const replace = Object.hasOwn(replacements, original.name) ? replacements[original.name] : undefined;
        if (replace) replaced.add(original.name);
        return [key, replace?.(original) ?? original];
      });
      return [group, Object.fromEntries(entries)];
    });
    if (replaced.size !== Object.keys(replacements).length)
      throw new Error('this version of jq-wasm has other imports');
    return Object.fromEntries(groups);
  }

  const jq = await loadJq({
    instantiateWasm(imports, onSuccess) {
      const module = jqModule();
      const instance = new platform.Instance(module, withReplacements(imports as Imports));
      exports = instance.exports;
      memory = Object.values(exports).find((item) => item instanceof platform.Memory) as Memory | undefined;
      onSuccess(instance, module);
    },
  });
  if (!memory) throw new Error('this version of jq-wasm has no memory of its own');
  const top = stackTop(exports, memory);
  const low = top - stackBytes;
  const staticData = new Uint8Array(memory.buffer).slice(0, low);
  const heap = heapOf(memory, top);

  function restore(): void {
    const all = new Uint8Array(current());
    all.set(staticData);
    all.set(guard, low);
    all.set(heap, top);
  }

  const isGuardIntact = (): boolean => guard.equals(new Uint8Array(current(), low, guardBytes));

  return {
    evaluate(program, text) {
      restore();
      input = new TextEncoder().encode(text);
      output = createTextCollector(maxOutput);
      error = createTextCollector(maxError);
      outOfMemory = false;
      let status: number | undefined;
      try {
        status = jq.raw('', program, ['-M', '-c']).exitCode;
      } catch {
        sound = false;
      }
      // jq leaves its input open after an error.
      if (status !== 0 || current().byteLength > maxRetainedBytes) sound = false;
      if (!isGuardIntact()) return { failure: 'broken' };
      if (status === undefined) return { failure: outOfMemory ? 'memory' : 'broken' };
      return {
        status,
        output: output.text().trim(),
        outputLength: output.length(),
        error: error.text().trim(),
      };
    },
    isSound: () => sound,
  };
}
