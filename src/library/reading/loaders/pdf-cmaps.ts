import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Beside the bundle, or in the package that they come from where the sources run. */
const folder = import.meta.url.endsWith('.ts')
  ? new URL('../../../../node_modules/pdfjs-dist/cmaps/', import.meta.url)
  : new URL('./cmaps/', import.meta.url);

/**
 * The character maps that PDF files with Chinese, Japanese and Korean text name and do not bring (Adobe's CMap
 * resources), for the reader of the text. It is called with `new`.
 */
export function createCmapFactory(): {
  fetch(wanted: { kind: string; filename: string }): Promise<Uint8Array>;
} {
  return {
    async fetch({ kind, filename }) {
      if (kind !== 'cMapUrl') throw new Error('Text needs no fonts.');
      return new Uint8Array(await readFile(new URL(basename(filename), folder)));
    },
  };
}
