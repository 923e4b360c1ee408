import type { Call } from '../call.ts';

export type EmbeddingState = 'off' | 'idle' | 'loading' | 'ready' | 'missing' | 'failed';

export interface EmbeddingSettings {
  /** The packaged model's name, a folder, a hub id (`organisation/name`, with `@revision`) or `none`. */
  readonly model: string;
  /** The setting that names it, for sentences; `embeddingModel` by default. */
  readonly setting?: string;
  /** Where downloaded models are stored. */
  readonly cacheDirectory: string;
  /** Where hub models are downloaded from, instead of huggingface.co. */
  readonly mirror?: string;
  readonly token?: string;
  /** Time limit of one download request, and of a pause in one, in ms. */
  readonly timeoutMs: number;
}

export interface EmbeddingStatus {
  readonly state: EmbeddingState;
  /** What happened and what to do, if the state is `missing` or `failed`: a sentence or two. */
  readonly detail?: string;
  /** The same in more detail, for a report. */
  readonly advice?: string;
  /** A download in progress, in bytes of the current file; `total` if the hub sends it. */
  readonly download?: { readonly loaded: number; readonly total?: number };
}

/** Only vectors with the same fingerprint may be compared. */
export interface EmbeddingSpace {
  readonly fingerprint: string;
  readonly dimensions: number;
}

/** Some models embed questions and passages differently (prefixes). */
export type EmbeddingKind = 'query' | 'passage';

/** Turns texts into vectors, in a separate process. Nothing is loaded before it is needed. */
export interface Embedder {
  /** The name of the model that may be shown, without folders. */
  readonly name: string;
  status(): EmbeddingStatus;
  /** Known once the model is loaded. */
  space(): EmbeddingSpace | undefined;
  /** Whether the model, once it is loaded, knows the letters of a text: of another one it must not judge. */
  knows(text: string): boolean;
  /**
   * Waits until the model is loaded, loading it if necessary.
   * @throws HydrogenError `unavailable` with what to do, `cancelled`, `timeout`.
   */
  ready(call: Call): Promise<EmbeddingSpace>;
  /**
   * One vector of length 1 for each text, in order: `Float32Array` of `dimensions`, all 0 for a text of which the
   * tokenizer does not know most. Questions go before
   * passages. A cancelled call stops between batches of 0.1 s or less.
   * @param prefix put before each text instead of the model's own
   * @throws HydrogenError as `ready`.
   */
  embed(texts: readonly string[], kind: EmbeddingKind, call: Call, prefix?: string): Promise<Float32Array[]>;
  /**
   * Starts loading in the background.
   * @param options `again`: even if the model crashed before
   */
  warm(options?: { readonly again?: boolean }): void;
  close(): Promise<void>;
}
