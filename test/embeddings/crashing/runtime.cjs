// In the place of onnxruntime-node: loads a native library that crashes, before the runtime is loaded or when the
// file STAND_IN_FLAG is there and the runtime has worked as often as it says.

const { existsSync, readFileSync, writeFileSync } = require('node:fs');

const { STAND_IN_LIBRARY, STAND_IN_FLAG, STAND_IN_ENVIRONMENT } = process.env;
const crash = () => process.dlopen({ exports: {} }, STAND_IN_LIBRARY);

if (STAND_IN_ENVIRONMENT) writeFileSync(STAND_IN_ENVIRONMENT, JSON.stringify(process.env));
if (!STAND_IN_FLAG) crash();

const runtime = require('onnxruntime-node');

const { create } = runtime.InferenceSession;
let runs = 0;
runtime.InferenceSession.create = async (...model) => {
  const session = await create.apply(runtime.InferenceSession, model);
  const run = session.run.bind(session);
  session.run = (...input) => {
    if (existsSync(STAND_IN_FLAG) && runs++ >= Number(readFileSync(STAND_IN_FLAG, 'utf8'))) crash();
    return run(...input);
  };
  return session;
};

module.exports = runtime;
