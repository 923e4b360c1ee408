import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const source = fileURLToPath(new URL('../../src/stores/embedded/index/hamming.wat', import.meta.url));

/** The code of `hamming.wat`, as base64. */
export async function compiledHamming(): Promise<string> {
  const { parseWat } = await wabt();
  const parsed = parseWat('hamming.wat', await readFile(source, 'utf8'));
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  return Buffer.from(buffer).toString('base64');
}
