import type { EmbeddingSpace, EmbeddingStatus } from './types.ts';

/** Which tokens make the vector: all, the first, or the last. */
export type Pooling = 'mean' | 'cls' | 'last';

/** The model that the embedding process is to load. */
export interface ModelRequest {
  /** The last part of the folder or id. */
  readonly name: string;
  /** A folder, or a hub id. */
  readonly location: string;
  readonly hub?: {
    readonly revision: string;
    readonly cacheDirectory: string;
    readonly mirror?: string;
    readonly token?: string;
    readonly timeoutMs: number;
  };
  readonly dtype: 'q8' | 'fp32';
  readonly pooling: Pooling;
  /** Whether the pooled vector is normalised over its dimensions: mean 0, deviation 1. */
  readonly layerNorm?: true;
  /** Prepended to texts; part of the fingerprint, because they change the vectors. */
  readonly prefixes: { readonly query: string; readonly passage: string };
}

export interface EmbedRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

/** Requests to the embedding process, which exits when the channel closes. */
export type ProcessRequest =
  | { readonly type: 'load'; readonly model: ModelRequest }
  | ({ readonly type: 'embed' } & EmbedRequest)
  | { readonly type: 'ping' };

export type EmbeddingReply =
  /** Node is up, and native code comes next. */
  | { readonly type: 'loading' }
  /** `unknown`: scripts that its vocabulary does not have (`unknownScripts`). */
  | { readonly type: 'ready'; readonly space: EmbeddingSpace; readonly unknown: readonly string[] }
  | { readonly type: 'download'; readonly loaded: number; readonly total?: number }
  | {
      readonly type: 'unavailable';
      readonly status: EmbeddingStatus & { readonly state: 'missing' | 'failed' };
      /** For the log only. */
      readonly cause: string;
    }
  /** All vectors of a request, concatenated. */
  | { readonly type: 'vectors'; readonly id: number; readonly vectors: Float32Array }
  | { readonly type: 'error'; readonly id: number; readonly cause: string }
  /** Not stuck in native code. */
  | { readonly type: 'pong' };
