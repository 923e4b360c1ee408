import type { Call } from '../call.ts';

export type EmbeddingState = 'off' | 'idle' | 'loading' | 'ready' | 'missing' | 'failed';

export interface EmbeddingSettings {
  /** The packaged model's name, a folder, a hub id (`organisation/name`, with `@revision`) or `none`. */
  readonly model: string;
  /** Where downloaded models are kept. */
  readonly cacheDirectory: string;
  /** Where hub models are downloaded from, instead of huggingface.co. */
  readonly mirror?: string;
  readonly token?: string;
  /** Time limit of one download request, and of a pause in one, in ms. */
  readonly timeoutMs: number;
}

export interface EmbeddingStatus {
  readonly state: EmbeddingState;
  /** What happened and what to do, when the state is `missing` or `failed`: a sentence or two. */
  readonly detail?: string;
  /** The same at length, for a report. */
  readonly advice?: string;
  /** A download that is going on, in bytes of the present file; `total` when the hub tells it. */
  readonly download?: { readonly loaded: number; readonly total?: number };
}

/** Vectors with the same fingerprint may be compared; others never. */
export interface EmbeddingSpace {
  readonly fingerprint: string;
  readonly dimensions: number;
}

/** A question and a passage are embedded differently by some models (prefixes). */
export type EmbeddingKind = 'query' | 'passage';

/** Turns texts into vectors, in a process of its own. Nothing is loaded before it is needed. */
export interface Embedder {
  /** The model as it may be shown: its name, without folders. */
  readonly name: string;
  status(): EmbeddingStatus;
  /** Known once the model is loaded. */
  space(): EmbeddingSpace | undefined;
  /**
   * Loads the model unless that has been done and waits for it.
   * @throws HydrogenError `unavailable` with what to do, `cancelled`, `timeout`.
   */
  ready(call: Call): Promise<EmbeddingSpace>;
  /**
   * One vector of length 1 for each text, in order: `Float32Array` of `dimensions`. Questions go before
   * passages. A cancelled call stops between batches of 0.1 s or less.
   * @throws HydrogenError as `ready`.
   */
  embed(texts: readonly string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]>;
  /**
   * Starts loading in the background.
   * @param options `again`: also where the model crashed before
   */
  warm(options?: { readonly again?: boolean }): void;
  close(): Promise<void>;
}
