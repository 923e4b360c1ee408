// Preloaded into a process and its threads: the package that runs models is there, and its native part is not, as where
// node_modules was copied from another system, or on a Mac with an Intel processor.

import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.endsWith('onnxruntime_binding.node')) return next(specifier, context);
    throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: 'MODULE_NOT_FOUND' });
  },
});
