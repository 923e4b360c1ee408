import { enableCompileCache, registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stopCoverage } from 'node:v8';
import { isMainThread, threadId } from 'node:worker_threads';

// Loaded by test processes before anything else, and by each thread and native process they start, whose entry point
// it takes from the bundle: the sources of a store thread are 230 files, which take three times as long to load. Where
// coverage is gathered, one thread in a few runs the sources, and is counted.
const bundle = process.env['TEST_BUNDLE'];
const isCovered = process.env['NODE_V8_COVERAGE'] !== undefined;
const fromSources = isCovered && !isMainThread && threadId % 8 === 1;
const entries = fromSources ? /\/src\/.*-process\.ts$/ : /\/src\/.*-(thread|process)\.ts$/;

if (isCovered && !isMainThread && !fromSources) {
  stopCoverage();
  // Functions that come from it are not counted.
  enableCompileCache(process.env['TEST_COMPILE_CACHE']);
}

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
