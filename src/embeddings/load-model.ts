import type { FeatureExtractionPipeline } from '@huggingface/transformers';
import { DownloadTimeout, downloadFetch } from './download.ts';
import { runtime } from './failures.ts';
import type { EmbeddingReply, ModelRequest } from './messages.ts';
import { runtimeCure } from './runtime-failures.ts';

type Transformers = typeof import('@huggingface/transformers');
type Hub = NonNullable<ModelRequest['hub']>;
type Unavailable = Extract<EmbeddingReply, { type: 'unavailable' }>;

/** Carries the message for the user and the cause for the log. */
export class ModelUnavailable extends Error {
  readonly reply: Unavailable;

  constructor(state: 'missing' | 'failed', detail: string, cause: unknown) {
    super(detail);
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.reply = { type: 'unavailable', status: { state, detail }, cause: text };
  }
}

/** Matches Node's error if the package itself is missing, not just its native part. */
const notInstalled = /Cannot find (module|package) '(onnxruntime-node|@huggingface\/transformers)'/;

const hugging = 'https://huggingface.co/';

async function importPackage(): Promise<Transformers> {
  try {
    return await import('@huggingface/transformers');
  } catch (error) {
    if (error instanceof Error && notInstalled.test(error.message)) {
      throw new ModelUnavailable(
        'missing',
        `The package that runs embedding models is not installed, so search is by keywords only. Install it where hydrogen-mcp is installed: \`npm install ${runtime}\` (with ONNXRUNTIME_NODE_INSTALL=skip in the environment if only the npm registry is reachable), then restart.`,
        error,
      );
    }
    const cure =
      (error instanceof Error ? runtimeCure(error) : undefined) ??
      `It is missing, or for another system: reinstall it with \`npm install ${runtime}\`.`;
    throw new ModelUnavailable(
      'failed',
      `The native part of the package that runs embedding models cannot be loaded on this machine, so search is by keywords only. ${cure} To do without it, set embeddingModel to "none".`,
      error,
    );
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a hub without its credentials, which `fetch` rejects in a URL, and the header that replaces them. */
function hubOf({ mirror = hugging, token }: Hub): {
  readonly address: string;
  readonly authorization?: { readonly host: string; readonly value: string };
} {
  const address = new URL(mirror);
  const { host, username, password } = address;
  const user = [username, password].map(decoded).join(':');
  address.username = '';
  address.password = '';
  const basic = username + password === '' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const value = basic ?? (token ? `Bearer ${token}` : undefined);
  const { href } = address;
  return {
    address: href.endsWith('/') ? href : `${href}/`,
    ...(value !== undefined && { authorization: { host, value } }),
  };
}

function chain(error: unknown): unknown[] {
  const errors: unknown[] = [];
  for (let at = error; at && errors.length < 5; at = at instanceof Error ? at.cause : undefined)
    errors.push(at);
  return errors;
}

/** One clear message for each way in which downloading a model can fail. */
function explainDownload(error: unknown, { location: name, hub }: ModelRequest): ModelUnavailable {
  const host = new URL(hub?.mirror ?? hugging).host;
  const errors = chain(error);
  const instead =
    'Set embeddingMirror to a reachable hub, use a folder with the model, or use the packaged model.';
  if (errors.some((cause) => cause instanceof DownloadTimeout)) {
    const seconds = (hub?.timeoutMs ?? 0) / 1000;
    const detail = `The model hub ${host} did not answer within ${seconds} s (embeddingTimeoutMs), so the model "${name}" could not be downloaded. ${instead}`;
    return new ModelUnavailable('failed', detail, error);
  }
  const status = errors
    .map((cause) => (cause as { status?: unknown }).status)
    .find((code) => typeof code === 'number');
  if (status === 401 || status === 403) {
    const detail = `The model hub ${host} refuses the model "${name}" or does not have it (${status}). Check the id, and set embeddingToken (or HF_TOKEN) if it is private.`;
    return new ModelUnavailable('missing', detail, error);
  }
  if (status === 404) {
    const detail = `The model hub ${host} has no model "${name}" with a quantized ONNX file (onnx/model_quantized.onnx). Check the id; models under "Xenova/" and "onnx-community/" have one.`;
    return new ModelUnavailable('missing', detail, error);
  }
  const text = errors.map(String).join(' ');
  if (/fetch failed|ENOTFOUND|ECONN|EAI_AGAIN|terminated|socket/i.test(text)) {
    const detail = `The model hub ${host} cannot be reached, so the model "${name}" could not be downloaded. ${instead}`;
    return new ModelUnavailable('failed', detail, error);
  }
  const answered = /Error \((\d{3})\)/.exec(text)?.[1];
  if (answered || /Could not load|server error|gateway|unavailable/i.test(text)) {
    const detail = `The model hub ${host} answered with an error${answered ? ` (${answered})` : ''}, so the model "${name}" could not be downloaded. Try again later. ${instead}`;
    return new ModelUnavailable('failed', detail, error);
  }
  return explainFile(
    error,
    name,
    'Delete it from the models folder of the data directory to download it again',
  );
}

function explainFile(error: unknown, name: string, remedy: string): ModelUnavailable {
  const detail = `The files of the embedding model "${name}" exist but cannot be loaded: they are damaged or not an ONNX text-embedding model. ${remedy}, or choose another embeddingModel.`;
  return new ModelUnavailable('failed', detail, error);
}

/**
 * Loads a model with one ONNX thread: more threads would spin while waiting and halve the work per CPU second.
 * @throws ModelUnavailable with what to do.
 */
export async function loadModel(
  model: ModelRequest,
  onBytes: (loaded: number, total: number | undefined) => void,
): Promise<FeatureExtractionPipeline> {
  const { pipeline, env, LogLevel } = await importPackage();
  // Its warnings would bypass our log on stderr; we report failures ourselves.
  env.logLevel = LogLevel.ERROR;
  const { hub, location, name, dtype } = model;
  env.allowLocalModels = hub === undefined;
  env.allowRemoteModels = hub !== undefined;
  if (hub) {
    const { address, authorization } = hubOf(hub);
    env.remoteHost = address;
    env.cacheDir = hub.cacheDirectory;
    env.fetch = downloadFetch({
      timeoutMs: hub.timeoutMs,
      onBytes,
      ...(authorization && { authorization }),
    });
  }
  try {
    return await pipeline('feature-extraction', location, {
      dtype,
      ...(hub && { revision: hub.revision }),
      session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
    });
  } catch (error) {
    if (hub) throw explainDownload(error, model);
    throw explainFile(
      error,
      name,
      'Copy the model folder again (or reinstall hydrogen-mcp for the packaged one)',
    );
  }
}
