/** Reading and writing documents without the query engine, for threads that run no queries. */
export { dateReader } from './dates/parse.ts';
export type { Document } from './types.ts';
export { decode } from './values/decode.ts';
export { encode } from './values/encode.ts';
export { exactNumber, parseExactJson, parseJsonNumbers, stringifyExactJson } from './values/exact-json.ts';
export { fromExtendedJson } from './values/from-extended-json.ts';
export { stringifyExtendedJson } from './values/to-extended-json.ts';
