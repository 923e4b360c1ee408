import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ModelRequest } from './messages.ts';

/** The folder with the files of a loaded model. */
function folderOf({ location, hub }: ModelRequest): string {
  if (!hub) return location;
  const folder = join(hub.cacheDirectory, location);
  return hub.revision === 'main' ? folder : join(folder, hub.revision);
}

/** The file with a model's weights. */
export function weightsOf(model: ModelRequest): string {
  return join(folderOf(model), 'onnx', model.dtype === 'q8' ? 'model_quantized.onnx' : 'model.onnx');
}

/**
 * Identifies comparable vectors: the model's name and a hash of its files (in full: fine-tuned models have
 * files of the same size), dtype, pooling, prefixes and dimensions. About 2 ms per megabyte.
 */
export async function fingerprintOf(model: ModelRequest, dimensions: number): Promise<string> {
  const { name, dtype, pooling, layerNorm, prefixes } = model;
  const hash = createHash('sha256').update(
    JSON.stringify({ dtype, pooling, prefixes, dimensions, layerNorm }),
  );
  const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
  for (const path of [...files.map((file) => join(folderOf(model), file)), weightsOf(model)]) {
    if (existsSync(path)) await pipeline(createReadStream(path), hash, { end: false });
  }
  return `${name}@${hash.digest('hex').slice(0, 24)}`;
}

/** The model's name in a fingerprint, for messages. */
export function modelOf(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.lastIndexOf('@'));
}
