// Removes what the installed embedding runtime brings for other platforms: its package holds the binaries of all, of
// which one is used. `npm ci` of a clone and the image run this; it may be repeated.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../node_modules/onnxruntime-node/bin', import.meta.url));

/** The folders in `folder`, none where there is no such folder: the runtime is an optional dependency. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

// bin/napi-v6/linux/x64
for (const abi of await foldersIn(bin)) {
  const ours = join(abi, process.platform, process.arch);
  const architectures = (await Promise.all((await foldersIn(abi)).map(foldersIn))).flat();
  // An unknown platform keeps all, so that the runtime's own error says what is missing.
  if (!architectures.includes(ours)) continue;
  for (const other of architectures.filter((folder) => folder !== ours)) {
    await rm(other, { recursive: true, force: true });
  }
}
