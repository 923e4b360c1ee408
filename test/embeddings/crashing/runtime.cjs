// In the place of onnxruntime-node: loads a native library that crashes, before the runtime is loaded or, as soon
// as the file STAND_IN_FLAG is there, while it works.

const { existsSync } = require('node:fs');

const { STAND_IN_LIBRARY, STAND_IN_FLAG } = process.env;
const crash = () => process.dlopen({ exports: {} }, STAND_IN_LIBRARY);

if (STAND_IN_FLAG === undefined) crash();

const runtime = require('onnxruntime-node');

const { create } = runtime.InferenceSession;
runtime.InferenceSession.create = async (...model) => {
  const session = await create.apply(runtime.InferenceSession, model);
  const run = session.run.bind(session);
  session.run = (...input) => {
    if (existsSync(STAND_IN_FLAG)) crash();
    return run(...input);
  };
  return session;
};

module.exports = runtime;
