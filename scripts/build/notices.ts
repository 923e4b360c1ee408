// The licences of everything that is inside the bundle, which travel with it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Between two notices in the file. */
export const noticeRule = `\n${'-'.repeat(78)}\n\n`;

/** The packages that these files belong to, as folders below the root: `node_modules/ajv/node_modules/fast-uri`. */
export function packageFolders(inputs: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const input of inputs) {
    const [folder] = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input) ?? [];
    if (folder?.startsWith('node_modules/')) folders.add(folder);
  }
  return [...folders].sort();
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
}

/** For packages that name a licence and bring no text of it: what it asks to be kept, with whom they name as author. */
async function usualText(root: string, { name, license, author }: Manifest): Promise<string> {
  const holder = (typeof author === 'string' ? author : author?.name) ?? `The authors of ${name}`;
  const mit = await readFile(join(root, 'LICENSE'), 'utf8');
  const [, , permission = ''] = /^(.*?Copyright[^\n]*)\n(.*)$/s.exec(mit) ?? [];
  if (license === 'MIT') return `MIT License\n\nCopyright (c) ${holder}\n${permission}`;
  if (license === 'ISC') {
    return `ISC License\n\nCopyright (c) ${holder}\n
Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.\n
THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;
  }
  return '';
}

const noticeOf = (name: string, version: string, licence: string, text: string): string =>
  `${name} ${version} (${licence})\n\n${text.trim()}\n`;

/** The notice of an installed package. */
export async function packageNotice(root: string, folder: string): Promise<string> {
  const path = join(root, folder);
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as Manifest;
  const file = (await readdir(path)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? await readFile(join(path, file), 'utf8') : await usualText(root, manifest);
  return noticeOf(manifest.name, manifest.version, manifest.license ?? '', text);
}

/** What the build of transformers.js has in it though it is not installed (`overrides` in package.json). */
export async function onnxWebNotice(root: string): Promise<string> {
  const file = join(root, 'node_modules/@huggingface/transformers/package.json');
  const { dependencies } = JSON.parse(await readFile(file, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const name = 'onnxruntime-web';
  const version = dependencies[name] ?? '';
  const text = await usualText(root, { name, version, license: 'MIT', author: 'Microsoft Corporation' });
  return noticeOf(name, version, 'MIT', text);
}
