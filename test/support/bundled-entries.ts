import { registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Loaded by test processes before anything else, and by each thread and native process they start, whose entry point
// it takes from the bundle: the sources of a store thread are 230 files, which take three times as long to load. Where
// coverage is gathered, threads run the sources.
const bundle = process.env['TEST_BUNDLE'];
const entries =
  process.env['NODE_V8_COVERAGE'] === undefined
    ? /\/src\/.*-(thread|process)\.ts$/
    : /\/src\/.*-process\.ts$/;

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
