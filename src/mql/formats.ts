/** Documents in and out, without the query engine: what a thread that runs no query loads. */
export type { Document } from './types.ts';
export { decode } from './values/decode.ts';
export { encode } from './values/encode.ts';
export { fromExtendedJson } from './values/from-extended-json.ts';
export { stringifyExtendedJson } from './values/to-extended-json.ts';
