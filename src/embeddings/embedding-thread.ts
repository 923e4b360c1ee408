import { parentPort, workerData } from 'node:worker_threads';
import { embedTexts } from './embed-texts.ts';
import { fingerprintOf } from './fingerprint.ts';
import { loadModel, ModelUnavailable } from './load-model.ts';
import { type EmbeddingReply, type EmbedRequest, type ModelRequest, stopRequest } from './messages.ts';

// The entry point of the embedding thread: ONNX runs synchronously, so it must not run on the main one.

const model = workerData as ModelRequest;
const port = parentPort;
if (!port) throw new Error('The embedding thread must be started as a worker.');
const post = (reply: EmbeddingReply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);

// Heard between native calls only, also while a model loads; ends this thread, not the process.
port.on('message', (request: unknown) => {
  if (request === stopRequest) process.exit();
});

const progressEveryMs = 250;
let told = 0;

function tellBytes(loaded: number, total: number | undefined): void {
  if (Date.now() - told < progressEveryMs) return;
  told = Date.now();
  post({ type: 'download', loaded, ...(total !== undefined && { total }) });
}

try {
  const extract = await loadModel(model, tellBytes);
  const dimensions = (await embedTexts(extract, ['hydrogen'], model.pooling)).length;
  const embed = async ({ id, texts }: EmbedRequest): Promise<void> => {
    try {
      const vectors = await embedTexts(extract, texts, model.pooling);
      if (!vectors.every(Number.isFinite)) throw new Error('the model gave numbers that are not finite');
      post({ type: 'vectors', id, vectors }, [vectors.buffer]);
    } catch (error) {
      post({
        type: 'error',
        id,
        cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  };
  port.on('message', (request: EmbedRequest | typeof stopRequest) => {
    if (request !== stopRequest) void embed(request);
  });
  post({ type: 'ready', space: { fingerprint: await fingerprintOf(model, dimensions), dimensions } });
} catch (error) {
  if (!(error instanceof ModelUnavailable)) throw error;
  post(error.reply);
}
