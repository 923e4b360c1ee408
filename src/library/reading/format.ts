import { analyserVersion } from '../../stores/index/analyser-version.ts';
import { chunkerVersion } from './chunk.ts';

/** Stored with each document: one that was read by another version counts as changed. */
export const documentFormat = `${chunkerVersion} ${analyserVersion}`;
