import type { FeatureExtractionPipeline } from '@huggingface/transformers';
import { DownloadTimeout, downloadFetch } from './download.ts';
import { runtime } from './failures.ts';
import type { EmbeddingReply, ModelRequest } from './messages.ts';

type Transformers = typeof import('@huggingface/transformers');
type Hub = NonNullable<ModelRequest['hub']>;
type Unavailable = Extract<EmbeddingReply, { type: 'unavailable' }>;

/** Carries what the reader is told and what the log gets. */
export class ModelUnavailable extends Error {
  readonly reply: Unavailable;

  constructor(state: 'missing' | 'failed', detail: string, cause: unknown) {
    super(detail);
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.reply = { type: 'unavailable', status: { state, detail }, cause: text };
  }
}

/** What Node says of the package itself, not of a native part that it lacks. */
const notInstalled = /Cannot find (module|package) '(onnxruntime-node|@huggingface\/transformers)'/;

const hugging = 'https://huggingface.co/';

async function importPackage(): Promise<Transformers> {
  try {
    return await import('@huggingface/transformers');
  } catch (error) {
    if (error instanceof Error && notInstalled.test(error.message)) {
      throw new ModelUnavailable(
        'missing',
        `The package that runs embedding models is not installed, so search works by keywords only. Install it where hydrogen-mcp is installed: \`npm install ${runtime}\` (with ONNXRUNTIME_NODE_INSTALL=skip in the environment where only the npm registry can be reached), then restart.`,
        error,
      );
    }
    throw new ModelUnavailable(
      'failed',
      `The package that runs embedding models is installed but cannot be loaded on this machine (its native part is missing or for another system). Install it again with \`npm install ${runtime}\`, or set embeddingModel to "none".`,
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

/** The address of a hub without the credentials in it, which `fetch` refuses there, and how it knows us. */
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

/** One clear message for each way in which a hub model can fail to come. */
function explainDownload(error: unknown, { location: name, hub }: ModelRequest): ModelUnavailable {
  const host = new URL(hub?.mirror ?? hugging).host;
  const errors = chain(error);
  const instead =
    'Set embeddingMirror to a hub that can be reached, give a folder with the model, or use the packaged model.';
  if (errors.some((one) => one instanceof DownloadTimeout)) {
    const seconds = (hub?.timeoutMs ?? 0) / 1000;
    const detail = `The model hub ${host} did not answer within ${seconds} s (embeddingTimeoutMs), so the model "${name}" could not be downloaded. ${instead}`;
    return new ModelUnavailable('failed', detail, error);
  }
  const status = errors
    .map((one) => (one as { status?: unknown }).status)
    .find((one) => typeof one === 'number');
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
    'Delete it from the models folder of the data directory to have it downloaded again',
  );
}

function explainFile(error: unknown, name: string, remedy: string): ModelUnavailable {
  const detail = `The files of the embedding model "${name}" are there but cannot be loaded: they are damaged or not an ONNX text-embedding model. ${remedy}, or choose another embeddingModel.`;
  return new ModelUnavailable('failed', detail, error);
}

/**
 * Loads a model with one ONNX thread: more spin while they wait and halve the work done per CPU second.
 * @throws ModelUnavailable with what to do.
 */
export async function loadModel(
  model: ModelRequest,
  onBytes: (loaded: number, total: number | undefined) => void,
): Promise<FeatureExtractionPipeline> {
  const { pipeline, env, LogLevel } = await importPackage();
  // Its warnings would go to stderr past our log; what fails is reported by us.
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
