// Bundles the sources into dist/: the command and one file a worker thread, child process or preload, with shared and
// lazily loaded code in chunks. Packages that bring native code or WebAssembly, or are rarely needed, stay
// outside.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { noticeRule, onnxWebNotice, packageFolders, packageNotice } from './build/notices.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const external = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });

const sources = await readdir(join(root, 'src'), { recursive: true });
const entries = sources
  .filter((name) => /-(thread|process|preload)\.ts$/.test(name))
  .map((name) => join(root, 'src', name));

/** zod brings its messages in 50 languages; only the English ones are ever used. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** transformers.js looks for an image library when it is loaded; texts need none. */
const noImages: Plugin = {
  name: 'no-images',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^sharp$/ }, ({ path }) => ({ path, namespace: 'no-images' }));
    onLoad({ filter: /.*/, namespace: 'no-images' }, () => ({
      contents: "export default () => { throw new Error('There is no image library.'); };",
    }));
  },
};

const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const result = await build({
  entryPoints: [join(root, 'src/cli.ts'), ...entries],
  outdir: dist,
  entryNames: '[name]',
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  external,
  plugins: [englishOnly, noImages],
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // CommonJS packages inside the bundle call require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

// Character maps of Chinese, Japanese and Korean, which PDF files name and do not bring.
await cp(join(root, 'node_modules/pdfjs-dist/cmaps'), join(dist, 'cmaps'), { recursive: true });

// The licences of everything that is inside the bundle travel with it.
const insideTransformers = ['node_modules/@huggingface/jinja', 'node_modules/@huggingface/tokenizers'];
const folders = packageFolders([
  ...Object.keys(result.metafile.inputs),
  ...insideTransformers.map((folder) => `${folder}/package.json`),
]);
const notices = await Promise.all(folders.map((folder) => packageNotice(root, folder)));
notices.push(await onnxWebNotice(root));
await writeFile(join(dist, 'THIRD_PARTY_LICENSES.txt'), notices.join(noticeRule));
