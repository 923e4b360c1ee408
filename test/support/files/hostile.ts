import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { docx, xlsx } from './office.ts';
import { encryptedPdf, pdf } from './pdf.ts';
import { zip } from './zip.ts';

/** What an ingest has to say of each file, or that it becomes a document. */
export interface HostileFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  /** As it is in the document's id, where that differs. */
  readonly shown?: string;
  /** The reason it is skipped; absent when it is read. */
  readonly reason?: RegExp;
  /** What is said of it although it is read. */
  readonly remark?: RegExp;
  /** A word that is found in it. */
  readonly word?: string;
  readonly make: (path: string) => void;
}

const write =
  (content: string | Uint8Array) =>
  (path: string): void =>
    writeFileSync(path, content);

function sparse(size: number) {
  return (path: string): void => {
    const file = openSync(path, 'w');
    ftruncateSync(file, size);
    closeSync(file);
  };
}

function oneLine(megabytes: number) {
  return (path: string): void => {
    const file = openSync(path, 'w');
    const part = Buffer.from('all of this is one line without an end, '.repeat(25_000));
    for (let written = 0; written < megabytes * 1e6; written += part.length) writeSync(file, part);
    closeSync(file);
  };
}

/** A DOCX of some kilobytes that unpacks to many megabytes. */
function bomb(megabytes: number): Buffer {
  return docx([], { extra: { 'word/document.xml': Buffer.alloc(megabytes * 1e6, '<w:p/>') } });
}

/** A sheet with a cell at each far corner: who makes a matrix of it needs all memory there is. */
function wideSheet(): Buffer {
  const far = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>corner</t></is></c></row></sheetData></worksheet>`;
  return xlsx({ Far: [['a']] }, { 'xl/worksheets/sheet1.xml': far });
}

const japanese = Buffer.from(
  '9085916682cd8d8288b382cc8d7c90bb837b8393837882c9929991a082b382ea82e9814291e597ca82cc8fea8d8782cd8ae289968bf393b482c9929991a082b782e98142',
  'hex',
);
const page = '# Page\n\nA harmless page about valves.\n';
const note = '\nIt was found beside worse things.\n';

/**
 * The files; those that need time, space or memory are larger when `whole` is set.
 * Names with line breaks and quotes, pipes and links are left out on Windows, which has none.
 */
export function hostileFiles({ whole }: { readonly whole: boolean }): HostileFile[] {
  const posix: HostileFile[] = [
    { path: 'line\nbreak.md', shown: 'line%0Abreak.md', word: 'valves', make: write(page) },
    { path: `it's "quoted".md`, word: 'valves', make: write(page) },
    { path: 'pipe.txt', reason: /named pipe/, make: (path) => void execFileSync('mkfifo', [path]) },
    { path: 'circle/again', reason: /a link/, make: (path) => symlinkSync('..', path) },
    { path: 'circle/self.md', reason: /a link/, make: (path) => symlinkSync('self.md', path) },
    { path: 'null.txt', reason: /a link/, make: (path) => symlinkSync('/dev/zero', path) },
  ];
  return [
    { path: 'plain.md', word: 'valves', make: write(page) },
    { path: 'bomb.docx', reason: /unpacks to too much.*bomb/, make: write(bomb(whole ? 1_000 : 40)) },
    {
      path: 'nested.epub',
      reason: /damaged/,
      make: write(zip({ mimetype: 'application/epub+zip', 'a.zip': zip({ b: page }) })),
    },
    { path: 'corners.xlsx', word: 'corner', make: write(wideSheet()) },
    { path: 'paragraphs.html', reason: /too much memory/, make: write('<p>a'.repeat(2_400_000)) },
    { path: 'sparse.txt', reason: /too large \(1000\.0 MB/, make: sparse(1_000_000_000) },
    { path: 'line.txt', reason: /too much text/, make: oneLine(whole ? 50 : 25) },
    { path: 'long.txt', word: 'without', make: oneLine(whole ? 3 : 1) },
    { path: 'locked.pdf', reason: /encrypted: needs a password/, make: write(encryptedPdf()) },
    {
      path: 'broken.pdf',
      reason: /damaged: not a valid PDF/,
      make: write(pdf([[{ text: 'x', y: 1 }]]).subarray(0, 80)),
    },
    { path: 'scanned.pdf', reason: /no text on its 2 pages: scanned/, make: write(pdf([[], []])) },
    { path: 'cut.docx', reason: /damaged/, make: write(docx(['a']).subarray(0, 300)) },
    {
      path: 'old.docx',
      reason: /encrypted or in the pre-2007 format/,
      make: write(Buffer.from('d0cf11e0a1b11ae1'.padEnd(2_000, '0'), 'hex')),
    },
    {
      path: 'picture.txt',
      reason: /not text: its content is image\/png/,
      make: write(Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')),
    },
    {
      path: 'report.txt',
      remark: /its content is PDF, not text/,
      word: 'manometer',
      make: write(pdf([[{ text: 'The manometer is read daily.', y: 700 }]])),
    },
    {
      path: 'error.pdf',
      remark: /its content is HTML, not PDF/,
      word: 'gateway',
      make: write('<!doctype html><html><body><p>Bad gateway today</p></body></html>'),
    },
    {
      path: 'deep.json',
      reason: /nested too deeply|could not be parsed/,
      make: write('['.repeat(100_000) + ']'.repeat(100_000)),
    },
    { path: 'deep.html', word: 'abyss', make: write(`${'<div>'.repeat(50_000)}abyss`) },
    {
      path: 'wide.txt',
      word: 'pressure',
      make: write(
        Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`High pressure.${note}`, 'utf16le')]),
      ),
    },
    {
      path: 'western.txt',
      remark: /guessed: windows-1252/,
      word: 'Behälter',
      make: write(Buffer.from(`Der Behälter wird gefüllt. Größe: 5 m³.${note}`, 'latin1')),
    },
    {
      path: 'japanese.txt',
      remark: /guessed: shift_jis/,
      word: '水素は高圧の鋼製ボンベに貯蔵される',
      make: write(japanese),
    },
    ...(process.platform === 'win32' ? [] : posix),
  ];
}

/** Makes the files in a folder that is there. */
export function makeHostile(folder: string, files: readonly HostileFile[]): void {
  mkdirSync(join(folder, 'circle'), { recursive: true });
  for (const { path, make } of files) make(join(folder, path));
}
