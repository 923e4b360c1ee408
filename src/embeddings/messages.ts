import type { EmbeddingSpace, EmbeddingStatus } from './types.ts';

export type Pooling = 'mean' | 'cls';

/** What the embedding process is started with. */
export interface ModelRequest {
  /** Last part of the folder or id. */
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
  /** Put before texts; part of the fingerprint, because vectors differ with it. */
  readonly prefixes: { readonly query: string; readonly passage: string };
}

export interface EmbedRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

/** What the server asks of the embedding process, which ends when the channel does. */
export type ProcessRequest =
  | { readonly type: 'load'; readonly model: ModelRequest }
  | ({ readonly type: 'embed' } & EmbedRequest)
  | { readonly type: 'ping' };

export type EmbeddingReply =
  /** It has started, and comes to native code now. */
  | { readonly type: 'loading' }
  | { readonly type: 'ready'; readonly space: EmbeddingSpace }
  | { readonly type: 'download'; readonly loaded: number; readonly total?: number }
  | {
      readonly type: 'unavailable';
      readonly status: EmbeddingStatus & { readonly state: 'missing' | 'failed' };
      /** For the log only. */
      readonly cause: string;
    }
  /** All vectors of a request one after another. */
  | { readonly type: 'vectors'; readonly id: number; readonly vectors: Float32Array }
  | { readonly type: 'error'; readonly id: number; readonly cause: string }
  /** Not inside native code. */
  | { readonly type: 'pong' };
