// Compiles src/stores/embedded/index/hamming.wat into the module beside it that holds its code, which a test
// compares.
//   npx node scripts/wasm.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compiledHamming } from './wasm/compile.ts';

const target = fileURLToPath(new URL('../src/stores/embedded/index/hamming-code.ts', import.meta.url));
const code = await compiledHamming();
await writeFile(
  target,
  `/** \`hamming.wat\`, compiled by \`npx node scripts/wasm.ts\`: base64. */\nexport const hammingCode =\n  '${code}';\n`,
);
