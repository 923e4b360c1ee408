// Measures how documents are read: passages and MB per second of processor time by format, a second ingest
// of 5,000 unchanged files, and what is embedded again after one paragraph has changed.
//   npm run bench -- ingest [--quick]
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { owner } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { createLibrary } from '../../src/library/library.ts';
import type { DocumentType } from '../../src/library/reading/formats.ts';
import { parseDocument } from '../../src/library/reading/parse.ts';
import type { Library } from '../../src/library/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedLibraryPorts } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { type DocxPart, docx, epub, ods, pptx, xlsx } from '../../test/support/files/office.ts';
import { openDocument } from '../../test/support/files/open-document.ts';
import { outlook, tags } from '../../test/support/files/outlook.ts';
import { pdf } from '../../test/support/files/pdf.ts';
import { table } from '../demo/table.ts';

const quick = process.argv.includes('--quick');
const fileCount = quick ? 500 : 5_000;
const rounds = quick ? 2 : 10;
const samples = fileURLToPath(new URL('../../samples/documents', import.meta.url));
const work = await mkdtemp(join(tmpdir(), 'hydrogen-bench-'));
const log = createLog('error');
const call = {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  progress() {},
  log,
};

const names = (await readdir(samples)).filter((name) => name.endsWith('.md'));
const pages = await Promise.all(names.map((name) => readFile(join(samples, name), 'utf8')));
const paragraphs = pages
  .join('\n\n')
  .split(/\n{2,}/)
  .map((text) => text.replace(/\s+/g, ' ').trim())
  .filter((text) => text.length > 80 && !/[|#`]/.test(text));

/** So many paragraphs, each a little different from those of other documents. */
function prose(count: number, salt: string): string[] {
  return Array.from({ length: count }, (_, i) => `${paragraphs[i % paragraphs.length]} (${salt}${i})`);
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);

const lines = (text: string): string[] => text.match(/.{1,90}(?:\s|$)/g) ?? [];

const documents: Readonly<Record<DocumentType, (salt: string) => string | Uint8Array>> = {
  markdown: (salt) =>
    prose(200, salt)
      .map((text, i) => `## Part ${i}\n\n${text}`)
      .join('\n\n'),
  text: (salt) => prose(200, salt).join('\n\n'),
  html: (salt) =>
    `<html><body><nav>Home</nav><main>${prose(200, salt)
      .map((text, i) => `<h2>Part ${i}</h2><p>${text}</p>`)
      .join('')}</main></body></html>`,
  csv: (salt) =>
    `number,text\n${prose(200, salt)
      .map((text, i) => `${i},"${text.replaceAll('"', "'")}"`)
      .join('\n')}`,
  json: (salt) => JSON.stringify(prose(200, salt).map((text, number) => ({ number, text }))),
  jsonl: (salt) =>
    prose(200, salt)
      .map((text, number) => JSON.stringify({ number, text }))
      .join('\n'),
  code: (salt) =>
    prose(200, salt)
      .map((text, i) => `export function step${i}() {\n  return ${JSON.stringify(text)};\n}`)
      .join('\n\n'),
  notebook: (salt) =>
    JSON.stringify({
      nbformat: 4,
      cells: prose(200, salt).map((text, i) => ({
        cell_type: i % 2 === 0 ? 'markdown' : 'code',
        source: i % 2 === 0 ? `## Part ${i}\n\n${text}` : `print(${JSON.stringify(text)})`,
        outputs: [],
      })),
    }),
  rst: (salt) =>
    prose(200, salt)
      .map((text, i) => `Part ${i}\n========\n\n${text}`)
      .join('\n\n'),
  email: (salt) => `From: a@example.org\nSubject: Parts\n\n${prose(200, salt).join('\n\n')}`,
  mailbox: (salt) =>
    prose(200, salt)
      .map((text, i) => `From a@example.org Mon Jan  1 00:00:00 2026\nSubject: Part ${i}\n\n${text}\n`)
      .join('\n'),
  outlook: (salt) =>
    outlook({
      properties: { [tags.subject]: 'Parts', [tags.body]: prose(200, salt).join('\n\n') },
    }),
  rtf: (salt) =>
    `{\\rtf1\\ansi ${prose(200, salt)
      .map((text) => `${text}\\par `)
      .join('')}}`,
  odt: (salt) =>
    openDocument(
      'text',
      prose(200, salt)
        .map(
          (text, i) => `<text:h text:outline-level="2">Part ${i}</text:h><text:p>${escaped(text)}</text:p>`,
        )
        .join(''),
    ),
  odp: (salt) =>
    openDocument(
      'presentation',
      prose(200, salt)
        .map(
          (text) =>
            `<draw:page><draw:frame><draw:text-box><text:p>${escaped(text)}</text:p></draw:text-box></draw:frame></draw:page>`,
        )
        .join(''),
    ),
  pdf: (salt) =>
    pdf(
      Array.from({ length: 40 }, (_, page) =>
        prose(5, `${salt}${page}.`)
          .flatMap((text) => [...lines(text), ''])
          .map((text, i) => ({ text, y: 760 - i * 12 }))
          .filter(({ text }) => text !== ''),
      ),
    ),
  docx: (salt) =>
    docx(prose(200, salt).flatMap((text, i): DocxPart[] => [{ heading: `Part ${i}`, level: 2 }, text])),
  pptx: (salt) => pptx(prose(200, salt).map((text, i) => ({ title: `Slide ${i}`, lines: [text] }))),
  xlsx: (salt) => xlsx({ Parts: [['number', 'text'], ...prose(200, salt).map((text, i) => [i, text])] }),
  ods: (salt) => ods({ Parts: [['number', 'text'], ...prose(200, salt).map((text, i) => [i, text])] }),
  epub: (salt) =>
    epub(
      'Book',
      Array.from(
        { length: 20 },
        (_, i) =>
          `<h1>Chapter ${i}</h1>${prose(10, `${salt}${i}.`)
            .map((text) => `<p>${text}</p>`)
            .join('')}`,
      ),
    ),
};

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Reading, parsing and chunking in this process, as the parse process does it. */
async function byFormat(): Promise<void> {
  const rows = [];
  for (const type of Object.keys(documents) as DocumentType[]) {
    const files: string[] = [];
    for (let i = 0; i <= rounds; i++) {
      const file = join(work, `${type}-${i}`);
      await writeFile(file, documents[type](`${i}-`));
      files.push(file);
    }
    let [bytes, characters, chunks] = [0, 0, 0];
    let began = process.cpuUsage();
    for (const [i, file] of files.entries()) {
      const content = { file, maxBytes: 50_000_000 };
      const reply = await parseDocument({ id: `bench/${file}`, name: file, type, content });
      if (!('document' in reply)) throw new Error(`${type}: ${JSON.stringify(reply)}`);
      // The first one loads the library.
      if (i === 0) began = process.cpuUsage();
      else {
        bytes += reply.document.bytes;
        characters += reply.document.text.length;
        chunks += reply.document.chunks.length;
      }
    }
    const seconds = cpuSeconds(began);
    rows.push({
      format: type,
      'KB a file': Math.round(bytes / rounds / 1_000),
      'passages a CPU second': Math.round(chunks / seconds),
      'MB of file a CPU second': (bytes / 1e6 / seconds).toFixed(1),
      'MB of text a CPU second': (characters / 1e6 / seconds).toFixed(1),
    });
  }
  console.log(table(rows));
}

async function withLibrary<T>(model: string, run: (library: Library) => Promise<T>): Promise<T> {
  const data = join(work, `data-${model}`);
  const storeFile = createEmbeddedStore(data, 2);
  const embedder = createEmbedder({ model, cacheDirectory: join(data, 'models'), timeoutMs: 5_000 }, log);
  const library = createLibrary({
    ...createEmbeddedLibraryPorts(storeFile),
    embedder,
    log,
    own: { dataDirectory: data, files: [] },
  });
  try {
    return await run(library);
  } finally {
    await library.close();
    await storeFile.close();
  }
}

async function unchanged(): Promise<void> {
  const folder = join(work, 'many');
  await mkdir(folder);
  for (let i = 0; i < fileCount; i++) {
    await mkdir(join(folder, `${i % 50}`), { recursive: true });
    await writeFile(
      join(folder, `${i % 50}`, `${i}.md`),
      `# Note ${i}\n\n${prose(3, `${i}.`).join('\n\n')}\n`,
    );
  }
  await withLibrary('none', async (library) => {
    for (const time of ['first', 'second']) {
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      const report = await library.ingest([folder], call);
      console.log(
        `${time} ingest of ${fileCount} files (words only): ${((performance.now() - began) / 1_000).toFixed(2)} s, ` +
          `${cpuSeconds(cpu).toFixed(2)} CPU seconds besides the parse process; ${report.added} added, ${report.unchanged} unchanged`,
      );
    }
  });
}

async function oneParagraph(): Promise<void> {
  const folder = join(work, 'book');
  await mkdir(folder);
  const parts = prose(60, 'p').map((text, i) => `## Part ${i}\n\n${text}`);
  const write = (): Promise<void> => writeFile(join(folder, 'book.md'), `# Book\n\n${parts.join('\n\n')}\n`);
  await write();
  await withLibrary('hydrogen-embed-small-en', async (library) => {
    const first = await library.ingest([folder], call);
    parts[30] = `## Part 30\n\nThis paragraph has been written anew.`;
    await write();
    const second = await library.ingest([folder], call);
    console.log(
      `one paragraph of ${first.chunks} passages changed: ${second.embedded} embedded again (first time ${first.embedded})`,
    );
  });
}

try {
  await byFormat();
  await unchanged();
  await oneParagraph();
} finally {
  await rm(work, { recursive: true, force: true });
}
