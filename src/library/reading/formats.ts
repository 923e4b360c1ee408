import { basename, extname } from 'node:path';
import type { BytesLoader, TextLoader } from './loaders/loader.ts';

interface Named {
  /** Display name. */
  readonly label: string;
  readonly extensions: readonly string[];
  /** Extensionless file names of this format. */
  readonly fileNames?: readonly string[];
}

interface TextFormat extends Named {
  readonly reads: 'text';
  readonly loader: () => Promise<TextLoader>;
}

/** A binary format, recognised by its bytes whatever the file's name. */
interface BytesFormat extends Named {
  readonly reads: 'bytes';
  /** The names that the package `file-type` has for it; none where its name alone tells it. */
  readonly signatures: readonly string[];
  /** A prefix unique to its files; formats without one are ZIP archives. */
  readonly mark?: string;
  readonly loader: () => Promise<BytesLoader>;
}

type Format = TextFormat | BytesFormat;

/** Everything about a format but how it is read. Loaders are imported on first use: some pull in a large library. */
const table = {
  markdown: {
    label: 'Markdown',
    extensions: ['.md', '.markdown', '.mdx'],
    reads: 'text',
    loader: async () => (await import('./loaders/markdown.ts')).loadMarkdown,
  },
  text: {
    label: 'text',
    extensions: ['.txt', '.text', '.log', '.adoc', '.org', '.srt', '.vtt', '.diff', '.patch', '.ics', '.vcf'],
    fileNames: ['readme', 'license', 'licence', 'copying', 'notice', 'changelog', 'authors', 'contributing'],
    reads: 'text',
    loader: async () => (await import('./loaders/text.ts')).loadText,
  },
  html: {
    label: 'HTML',
    extensions: ['.html', '.htm', '.xhtml'],
    reads: 'text',
    loader: async () => (await import('./loaders/html.ts')).loadHtml,
  },
  csv: {
    label: 'CSV',
    extensions: ['.csv', '.tsv'],
    reads: 'text',
    loader: async () => (await import('./loaders/csv.ts')).loadCsv,
  },
  json: {
    label: 'JSON',
    extensions: ['.json', '.geojson'],
    reads: 'text',
    loader: async () => (await import('./loaders/json.ts')).loadJson,
  },
  jsonl: {
    label: 'JSON lines',
    extensions: ['.jsonl', '.ndjson'],
    reads: 'text',
    loader: async () => (await import('./loaders/json.ts')).loadJsonLines,
  },
  code: {
    label: 'source code',
    // Configuration files too.
    extensions: (
      '.ts .tsx .mts .cts .js .jsx .mjs .cjs .vue .svelte .py .pyi .ipy .rb .php .pl .pm .lua .r .jl .go .rs .c ' +
      '.h .cc .cpp .cxx .hh .hpp .hxx .m .mm .cs .fs .vb .java .kt .kts .scala .groovy .gradle .swift .dart .clj ' +
      '.cljs .ex .exs .erl .hrl .hs .ml .mli .elm .nim .zig .sol .sh .bash .zsh .fish .ps1 .bat .cmd .sql ' +
      '.graphql .proto .thrift .css .scss .sass .less .yaml .yml .toml .ini .cfg .conf .properties .xml .xsd ' +
      '.xsl .tf .hcl .tex .bib .f .f90 .for .pas .asm .s .v .sv .vhd .vhdl .cmake .mk .dockerfile .awk .tcl ' +
      '.lisp .el .scm .rkt'
    ).split(' '),
    reads: 'text',
    loader: async () => (await import('./loaders/text.ts')).loadCode,
  },
  notebook: {
    label: 'Jupyter notebook',
    extensions: ['.ipynb'],
    reads: 'text',
    loader: async () => (await import('./loaders/notebook.ts')).loadNotebook,
  },
  rst: {
    label: 'reStructuredText',
    extensions: ['.rst'],
    reads: 'text',
    loader: async () => (await import('./loaders/restructured-text.ts')).loadRestructuredText,
  },
  email: {
    label: 'e-mail',
    extensions: ['.eml'],
    reads: 'bytes',
    signatures: [],
    loader: async () => (await import('./loaders/email.ts')).loadEmail,
  },
  mailbox: {
    label: 'mailbox',
    extensions: ['.mbox'],
    reads: 'bytes',
    signatures: [],
    loader: async () => (await import('./loaders/email.ts')).loadMailbox,
  },
  outlook: {
    label: 'Outlook message',
    extensions: ['.msg'],
    reads: 'bytes',
    signatures: ['msg'],
    loader: async () => (await import('./loaders/outlook.ts')).loadOutlook,
  },
  rtf: {
    label: 'RTF',
    extensions: ['.rtf'],
    reads: 'bytes',
    signatures: ['rtf'],
    mark: '{\\rtf',
    loader: async () => (await import('./loaders/rtf.ts')).loadRtf,
  },
  odt: {
    label: 'OpenDocument text',
    extensions: ['.odt', '.ott', '.fodt'],
    reads: 'bytes',
    signatures: ['odt', 'ott'],
    loader: async () => (await import('./loaders/open-document.ts')).loadOpenDocument,
  },
  odp: {
    label: 'OpenDocument presentation',
    extensions: ['.odp', '.otp', '.fodp'],
    reads: 'bytes',
    signatures: ['odp', 'otp'],
    loader: async () => (await import('./loaders/open-document.ts')).loadOpenDocument,
  },
  pdf: {
    label: 'PDF',
    extensions: ['.pdf'],
    reads: 'bytes',
    signatures: ['pdf'],
    mark: '%PDF-',
    loader: async () => (await import('./loaders/pdf.ts')).loadPdf,
  },
  docx: {
    label: 'DOCX',
    extensions: ['.docx', '.docm', '.dotx', '.dotm'],
    reads: 'bytes',
    signatures: ['docx', 'docm', 'dotx', 'dotm'],
    loader: async () => (await import('./loaders/docx.ts')).loadDocx,
  },
  pptx: {
    label: 'PPTX',
    extensions: ['.pptx', '.pptm', '.ppsx', '.ppsm', '.potx', '.potm'],
    reads: 'bytes',
    signatures: ['pptx', 'pptm', 'ppsx', 'ppsm', 'potx', 'potm'],
    loader: async () => (await import('./loaders/pptx.ts')).loadPptx,
  },
  xlsx: {
    label: 'XLSX',
    extensions: ['.xlsx', '.xlsm', '.xltx', '.xltm'],
    reads: 'bytes',
    signatures: ['xlsx', 'xlsm', 'xltx', 'xltm'],
    loader: async () => (await import('./loaders/workbook.ts')).loadXlsx,
  },
  ods: {
    label: 'ODS',
    extensions: ['.ods', '.ots', '.fods'],
    reads: 'bytes',
    signatures: ['ods', 'ots'],
    loader: async () => (await import('./loaders/workbook.ts')).loadOds,
  },
  epub: {
    label: 'EPUB',
    extensions: ['.epub'],
    reads: 'bytes',
    signatures: ['epub'],
    loader: async () => (await import('./loaders/epub.ts')).loadEpub,
  },
} satisfies Readonly<Record<string, Format>>;

/** A document's type in the index. */
export type DocumentType = keyof typeof table;

/** The one place where a format is declared. */
export const formats: Readonly<Record<DocumentType, Format>> = table;

export const documentTypes = Object.keys(table) as readonly DocumentType[];

const byExtension = new Map(
  documentTypes.flatMap((type) => formats[type].extensions.map((extension) => [extension, type] as const)),
);
const byFileName = new Map(
  documentTypes.flatMap((type) => (formats[type].fileNames ?? []).map((name) => [name, type] as const)),
);

/** The type implied by a file's name or path, or undefined when no loader reads it. */
export function documentType(path: string): DocumentType | undefined {
  const extension = extname(path).toLowerCase();
  return extension === '' ? byFileName.get(basename(path).toLowerCase()) : byExtension.get(extension);
}

/** The supported formats in words. */
export const readable = Object.values(formats)
  .map(({ label }) => label)
  .join(', ')
  .replace(/, ([^,]*)$/, ' and $1');
