import { enableCompileCache } from 'node:module';
import { endingSignals } from '../ending.ts';
import { embedTexts } from './embed-texts.ts';
import { fingerprintOf } from './fingerprint.ts';
import { loadModel, ModelUnavailable } from './load-model.ts';
import type { EmbeddingReply, EmbedRequest, ModelRequest, ProcessRequest } from './messages.ts';
import { unknownScripts } from './scripts.ts';

// The entry point of the embedding process. ONNX Runtime is native code: where it does not suit the processor or the
// system it crashes its process, so it must not run in the server.

enableCompileCache();

const post = (reply: EmbeddingReply): void => void process.send?.(reply, undefined, undefined, () => {});

const progressEveryMs = 250;
let reportedAt = 0;

function reportBytes(loaded: number, total: number | undefined): void {
  if (Date.now() - reportedAt < progressEveryMs) return;
  reportedAt = Date.now();
  post({ type: 'download', loaded, ...(total !== undefined && { total }) });
}

const causeOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

let embed: ((texts: readonly string[]) => Promise<Float32Array>) | undefined;

async function load(model: ModelRequest): Promise<void> {
  post({ type: 'loading' });
  try {
    const extract = await loadModel(model, reportBytes);
    const first = await embedTexts(extract, ['hydrogen'], model);
    if (!first.every(Number.isFinite)) {
      throw new ModelUnavailable(
        'failed',
        `The embedding model "${model.name}" gives non-finite numbers on this machine. Choose another embeddingModel, or "none".`,
        'not finite',
      );
    }
    embed = (texts) => embedTexts(extract, texts, model);
    const dimensions = first.length;
    const space = { fingerprint: await fingerprintOf(model, dimensions), dimensions };
    post({ type: 'ready', space, unknown: unknownScripts([...extract.tokenizer.get_vocab().keys()]) });
  } catch (error) {
    if (!(error instanceof ModelUnavailable)) throw error;
    post(error.reply);
  }
}

async function answer({ id, texts }: EmbedRequest): Promise<void> {
  try {
    const vectors = (await embed?.(texts)) ?? new Float32Array();
    if (!vectors.every(Number.isFinite)) throw new Error('the model returned non-finite numbers');
    post({ type: 'vectors', id, vectors });
  } catch (error) {
    post({ type: 'error', id, cause: causeOf(error) });
  }
}

// A terminal or service manager signals all processes at once, but only the server decides when this one ends.
for (const signal of endingSignals) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

process.on('message', (request: ProcessRequest) => {
  if (request.type === 'load') void load(request.model);
  else if (request.type === 'embed') void answer(request);
  else post({ type: 'pong' });
});
