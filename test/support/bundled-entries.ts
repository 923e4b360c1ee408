import { enableCompileCache, registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Loaded by test processes before anything else, and by each thread and native process they start, whose entry point
// it takes from the bundle: the sources of a store thread are 230 files, which take three times as long to load. Where
// coverage is gathered, one thread in 32 runs the sources, and is counted: there are thousands, which do the same.
const bundle = process.env['TEST_BUNDLE'];
const coverage = process.env['NODE_V8_COVERAGE'];
const isCountedThread = coverage !== undefined && !isMainThread;
const entries = isCountedThread ? /\/src\/.*-process\.ts$/ : /\/src\/.*-(thread|process)\.ts$/;

/** To start on the sources costs a thread half a second of a processor, and on the bundle 0.15. */
const countedIn = 32;

if (isMainThread && coverage !== undefined) {
  // A thread is counted where the variable is set while it starts.
  let started = 0;
  const choose = (): void => {
    if (started++ % countedIn === 0) process.env['NODE_V8_COVERAGE'] = coverage;
    else delete process.env['NODE_V8_COVERAGE'];
  };
  choose();
  process.on('worker', (thread) => thread.once('online', choose));
}

// Functions that come from the cache are not counted.
const compileCache = process.env['TEST_COMPILE_CACHE'];
if (!isMainThread && !isCountedThread && compileCache !== undefined) enableCompileCache(compileCache);

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    // What others import is no entry point.
    if (bundle === undefined || context.parentURL !== undefined) return resolved;
    if (!entries.test(resolved.url)) return resolved;
    const url = pathToFileURL(join(bundle, `${basename(resolved.url, '.ts')}.js`)).href;
    return { ...resolved, url, format: 'module' };
  },
});
