import { existsSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutQueries } from '../observability/redact.ts';
import type { ModelRequest } from './messages.ts';
import { usageByName, usageInFolder } from './model-usage.ts';
import type { EmbeddingSettings } from './types.ts';

/** Ships in the package. */
export const packagedModel = 'hydrogen-embed-small-en';

/** `models/` of the package, seen from the sources or from the bundle in `dist/`. */
const modelsFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.js') ? '../models/' : '../../models/', import.meta.url),
);

/** A model that can be tried, one that cannot (with the reason), or none. */
export type ResolvedModel =
  | { readonly kind: 'model'; readonly name: string; readonly request: ModelRequest }
  | { readonly kind: 'missing'; readonly name: string; readonly detail: string }
  | { readonly kind: 'off'; readonly name: string };

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function folderModel(folder: string): ResolvedModel {
  const name = basename(folder);
  const quantized = existsSync(join(folder, 'onnx', 'model_quantized.onnx'));
  const weights = quantized ? 'model_quantized.onnx' : 'model.onnx';
  const missing = ['config.json', 'tokenizer.json', 'tokenizer_config.json', `onnx/${weights}`].filter(
    (file) => !existsSync(join(folder, file)),
  );
  if (missing.length > 0) {
    const detail = `The folder of the embedding model "${name}" has no ${missing.join(', no ')}. Use a folder laid out for transformers.js (config.json, tokenizer.json, tokenizer_config.json, onnx/model_quantized.onnx).`;
    return { kind: 'missing', name, detail };
  }
  const dtype = quantized ? 'q8' : 'fp32';
  return { kind: 'model', name, request: { name, location: folder, dtype, ...usageInFolder(folder, name) } };
}

const hubId = /^(?<id>[\w.-]+\/(?<name>[\w.-]+))(?:@(?<revision>[\w./-]+))?$/;

/** Resolves the setting, using only the file system and HF_TOKEN. */
export function resolveModel(settings: EmbeddingSettings): ResolvedModel {
  const { model, setting = 'embeddingModel', cacheDirectory, timeoutMs } = settings;
  const { mirror, token = process.env['HF_TOKEN'] } = settings;
  if (model === 'none') return { kind: 'off', name: 'none' };
  const packaged = join(modelsFolder, packagedModel);
  if (model === packagedModel && isFolder(packaged)) return folderModel(packaged);
  if (isFolder(model)) return folderModel(resolve(model));
  const { id, name: last, revision = 'main' } = hubId.exec(model)?.groups ?? {};
  if (id !== undefined && last !== undefined && !isAbsolute(model) && !model.startsWith('.')) {
    const hub = {
      revision,
      cacheDirectory,
      timeoutMs,
      ...(mirror !== undefined && { mirror }),
      ...(token && { token }),
    };
    return {
      kind: 'model',
      name: id,
      request: { name: last, location: id, hub, dtype: 'q8', ...usageByName(last) },
    };
  }
  // Only the host and path of a URL may be shown.
  const name = model.includes('://') ? withoutQueries(model) : basename(model);
  const detail = `There is no embedding model "${name}": it is neither "${packagedModel}", nor an existing folder, nor a hub id like Xenova/bge-small-en-v1.5. Change the setting ${setting}.`;
  return { kind: 'missing', name, detail };
}
