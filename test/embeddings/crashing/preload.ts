// Preloaded into a process, its threads and its child processes: the package that runs models is the stand-in.

import { registerHooks } from 'node:module';

const standIn = new URL('./runtime.cjs', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const isAsked = specifier === 'onnxruntime-node' && context.parentURL !== standIn;
    return isAsked ? { url: standIn, format: 'commonjs', shortCircuit: true } : next(specifier, context);
  },
});
