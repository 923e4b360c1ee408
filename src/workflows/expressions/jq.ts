/** What a jq program gave: its exit status, and what it wrote as UTF-8 text. */
export interface JqResult {
  readonly status: number;
  readonly output: string;
  readonly error: string;
}

/** Runs a jq program over an input text, to its end. Throws when the WebAssembly instance is broken. */
export type Jq = (program: string, input: string) => JqResult;

interface Memory {
  readonly buffer: ArrayBuffer;
}

interface Instantiated {
  readonly instance: { readonly exports: Readonly<Record<string, unknown>> };
}

/** The part of the platform's WebAssembly that is used; TypeScript declares it for browsers only. */
interface Platform {
  readonly Memory: new () => Memory;
  instantiate(binary: Uint8Array, imports: Imports): Promise<Instantiated>;
}

type Imports = Record<string, Record<string, (...args: number[]) => unknown>>;

interface JqModule {
  callMain(args: string[]): number;
}

/** An `__wasi_iovec_t`: two 32-bit numbers, address and length. */
const vectorBytes = 8;

/**
 * Starts jq. The package's own `raw` moves each byte by copying all bytes (0.9 s to read 144 kB, 3 min to
 * write 1.3 MB); here `fd_read` and `fd_write` are answered directly instead. To reach them, the thread's
 * `WebAssembly.instantiate` is replaced while the package loads: call this in a thread of its own.
 */
export async function loadJq(): Promise<Jq> {
  const { default: createModule } = await import('jq-wasm/dist/build/jq.js');
  let memory: Memory | undefined;
  let input: Uint8Array = new Uint8Array();
  let written: [Uint8Array[], Uint8Array[]] = [[], []];

  /** Calls `transfer` for each part of memory in the vectors, and stores how many bytes it moved. */
  function eachPart(
    at: number,
    count: number,
    total: number,
    transfer: (part: Uint8Array) => number,
  ): number {
    const buffer = memory?.buffer ?? new ArrayBuffer(0);
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

  function read(part: Uint8Array): number {
    const chunk = input.subarray(0, part.length);
    part.set(chunk);
    input = input.subarray(chunk.length);
    return chunk.length;
  }

  /** The imports with reading and writing answered here. */
  function withStreams(imports: Imports): Imports {
    const replaced = new Set<string>();
    const groups = Object.entries(imports).map(([group, functions]) => {
      const entries = Object.entries(functions).map(([key, original]) => {
        // The keys are minified; the functions behind them are not.
        if (original.name !== '_fd_read' && original.name !== '_fd_write') return [key, original];
        replaced.add(original.name);
        const reading = original.name === '_fd_read';
        return [
          key,
          (fd = 0, at = 0, count = 0, total = 0) => {
            // The input is the only file that a program can read.
            if (reading) return eachPart(at, count, total, read);
            const stream = written[fd - 1];
            if (!stream) return original(fd, at, count, total);
            return eachPart(at, count, total, (part) => {
              stream.push(part.slice());
              return part.length;
            });
          },
        ];
      });
      return [group, Object.fromEntries(entries)];
    });
    if (replaced.size !== 2) throw new Error('this version of jq-wasm has other imports');
    return Object.fromEntries(groups);
  }

  const platform = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly;
  const { instantiate } = platform;
  platform.instantiate = async (binary, imports) => {
    const made = await instantiate(binary, withStreams(imports));
    memory = Object.values(made.instance.exports).find((one) => one instanceof platform.Memory);
    return made;
  };
  const module: JqModule = await createModule().finally(() => {
    platform.instantiate = instantiate;
  });
  const decoder = new TextDecoder();
  const text = (parts: Uint8Array[]): string => decoder.decode(Buffer.concat(parts)).trim();

  return (program, source) => {
    input = new TextEncoder().encode(source);
    written = [[], []];
    const status = module.callMain(['-M', '-c', program, '/dev/stdin']);
    return { status, output: text(written[0]), error: text(written[1]) };
  };
}
