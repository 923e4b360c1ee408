import { leftOutRemark } from './left-out.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { createWriter, type Writer } from './writer.ts';

// RTF (Microsoft's specification 1.9.1): groups, control words and text in the code page of its font.

/** Groups that hold no text of the document. Those that begin with `\*` are left out too, unless they are known. */
const silent = new Set(
  (
    'fonttbl colortbl stylesheet info pict object objdata themedata datastore listtable listoverridetable revtbl ' +
    'rsidtbl generator filetbl xmlnstbl latentstyles fldinst bkmkstart bkmkend nonshppict header headerl headerr ' +
    'headerf footer footerl footerr footerf pntext pntxta pntxtb private operator mmathPr'
  ).split(' '),
);
/** Known groups that begin with `\*` and hold text. */
const spoken = new Set(['shptxt', 'shpinst', 'fldrslt', 'footnote', 'annotation']);

const breaks: Readonly<Record<string, string>> = {
  par: '\n',
  sect: '\n',
  page: '\n',
  column: '\n',
  line: ' ',
  tab: ' ',
};
const signs: Readonly<Record<string, string>> = {
  ...{ emdash: '—', endash: '–', lquote: '‘', rquote: '’', ldblquote: '“', rdblquote: '”', bullet: '•' },
  ...{ emspace: ' ', enspace: ' ', qmspace: ' ' },
};

/** Code pages by the number of a font's character set (`\fcharset`), and of the document (`\ansicpg`). */
const charsets: Readonly<Record<number, string>> = {
  ...{
    0: 'windows-1252',
    77: 'macintosh',
    128: 'shift_jis',
    129: 'euc-kr',
    134: 'gbk',
    136: 'big5',
    161: 'windows-1253',
  },
  ...{
    162: 'windows-1254',
    163: 'windows-1258',
    177: 'windows-1255',
    178: 'windows-1256',
    186: 'windows-1257',
  },
  ...{ 204: 'windows-1251', 222: 'windows-874', 238: 'windows-1250' },
};
const codePages: Readonly<Record<number, string>> = {
  ...{
    866: 'ibm866',
    874: 'windows-874',
    932: 'shift_jis',
    936: 'gbk',
    949: 'euc-kr',
    950: 'big5',
    10000: 'macintosh',
  },
  ...{ 65001: 'utf-8' },
};
const encodingOf = (page: number): string =>
  codePages[page] ?? (page >= 1250 && page <= 1258 ? `windows-${page}` : 'windows-1252');

interface Group {
  /** Its text is no text of the document. */
  isSilent: boolean;
  isHidden: boolean;
  /** The group of fonts: `\fcharset` belongs to the font that was named last. */
  isFonts: boolean;
  font: number;
  /** Characters after `\u` that stand for it where it is not known. */
  skipped: number;
}

interface LeftOut {
  pictures: number;
  objects: number;
  hidden: number;
}

const token = /\\([a-zA-Z]+)(-?\d+)? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([\r\n]+)|([^\\{}\r\n]+)/g;

/** Depth of groups in one another. */
const maxDepth = 1_000;

type Lines = ReturnType<typeof createLines>;

/** Collects lines, and rows of tables. */
function createLines(writer: Writer) {
  let line = '';
  let level: number | undefined;
  let row: string[] = [];
  let rows: string[] = [];
  let isRow = false;
  const endTable = (): void => {
    const header = rows[0];
    if (rows.length > 0)
      writer.block(rows, { rows: true, ...(header !== undefined && rows.length > 1 && { header }) });
    rows = [];
  };
  const tidy = (): string => line.replace(/\s+/g, ' ').trim();
  return {
    add(text: string): void {
      line += text;
    },
    outline(next: number | undefined): void {
      level = next;
    },
    inTable(next: boolean): void {
      isRow = next;
    },
    paragraph(): void {
      if (isRow) {
        // The paragraphs of a cell stay apart.
        if (tidy() !== '') line = `${tidy()}; `;
        return;
      }
      endTable();
      const text = tidy();
      if (text !== '' && level !== undefined) writer.heading(level, text);
      else writer.block([text]);
      line = '';
    },
    cell(): void {
      row.push(tidy().replace(/;$/, ''));
      line = '';
    },
    row(): void {
      const text = row.join(' | ');
      if (text.replace(/[ |]/g, '') !== '') rows.push(text);
      [row, line] = [[], ''];
    },
    end(): void {
      isRow = false;
      this.paragraph();
      endTable();
    },
  };
}

/** What is read so far, and where. */
interface State {
  group: Group;
  readonly groups: Group[];
  readonly fonts: Map<number, string>;
  readonly lines: Lines;
  readonly leftOut: LeftOut;
  /** Title and author. */
  readonly info: Map<string, string>;
  inInfo: string | undefined;
  page: string;
  /** Bytes in the code page of the font. */
  waiting: number[];
  toSkip: number;
  isStarred: boolean;
}

function say(state: State, text: string): void {
  const { group, info, inInfo, lines, leftOut } = state;
  if (inInfo !== undefined) info.set(inInfo, (info.get(inInfo) ?? '') + text);
  else if (group.isSilent) return;
  else if (group.isHidden) leftOut.hidden += text.trim() === '' ? 0 : 1;
  else lines.add(text);
}

function flush(state: State): void {
  if (state.waiting.length === 0) return;
  const encoding = state.fonts.get(state.group.font) ?? state.page;
  say(state, new TextDecoder(encoding).decode(Uint8Array.from(state.waiting)));
  state.waiting = [];
}

type Control = (state: State, value: number | undefined) => void;

const hide: Control = ({ group }, value) => {
  group.isHidden = value !== 0;
};

/** Control words that count wherever they stand: they tell what later text means. */
const settings: Readonly<Record<string, Control>> = {
  ansicpg(state, value = 1252) {
    state.page = encodingOf(value);
  },
  f({ group }, value = 0) {
    group.font = value;
  },
  fcharset({ group, fonts }, value = 0) {
    const found = charsets[value];
    if (group.isFonts && found !== undefined && value !== 0) fonts.set(group.font, found);
  },
  uc({ group }, value = 1) {
    group.skipped = value;
  },
  u(state, value = 0) {
    say(state, String.fromCharCode(value < 0 ? value + 0x10000 : value));
    state.toSkip = state.group.skipped;
  },
};

/** Control words of text that is read. */
const words: Readonly<Record<string, Control>> = {
  v: hide,
  deleted: hide,
  plain({ group }) {
    group.isHidden = false;
  },
  pard({ lines }) {
    lines.outline(undefined);
    lines.inTable(false);
  },
  intbl: ({ lines }) => lines.inTable(true),
  outlinelevel: ({ lines }, value = 9) => lines.outline(value < 9 ? value + 1 : undefined),
  cell: ({ lines }) => lines.cell(),
  nestcell: (state) => say(state, '; '),
  row: ({ lines }) => lines.row(),
  footnote: (state) => say(state, ' [note] '),
};

function control(state: State, name: string, value: number | undefined): void {
  const { group, leftOut, lines } = state;
  if (name === 'pict') leftOut.pictures++;
  if (name === 'object') leftOut.objects++;
  if (name === 'fonttbl') group.isFonts = true;
  if (group.isSilent && (name === 'title' || name === 'author')) state.inInfo = name;
  if (silent.has(name) || (state.isStarred && !spoken.has(name))) group.isSilent = true;
  state.isStarred = false;
  if (Object.hasOwn(settings, name)) settings[name]?.(state, value);
  else if (group.isSilent) return;
  else if (Object.hasOwn(words, name)) words[name]?.(state, value);
  else if (breaks[name] === '\n') lines.paragraph();
  else say(state, breaks[name] ?? signs[name] ?? '');
}

function brace(state: State, which: string): void {
  if (which === '{') {
    if (state.groups.length >= maxDepth) throw new Unreadable('nested too deeply');
    state.groups.push(state.group);
    state.group = { ...state.group };
    return;
  }
  state.group = state.groups.pop() ?? state.group;
  state.inInfo = undefined;
}

/** What a sign behind a backslash stands for. */
function escaped(state: State, sign: string): void {
  if (sign === '*') state.isStarred = true;
  else if (sign === '~') say(state, ' ');
  else if (sign === '_') say(state, '-');
  else if (sign === '\n' || sign === '\r') state.lines.paragraph();
  else if (/[\\{}]/.test(sign)) say(state, sign);
}

function plain(state: State, text: string): void {
  const rest = text.slice(Math.min(text.length, state.toSkip));
  state.toSkip -= text.length - rest.length;
  for (const unit of rest) state.waiting.push(unit.charCodeAt(0) & 0xff);
}

function read(source: string, state: State): void {
  const reader = new RegExp(token);
  for (let found = reader.exec(source); found; found = reader.exec(source)) {
    const [, name, value, hex, sign, group, , text] = found;
    if (hex !== undefined) {
      if (state.toSkip > 0) state.toSkip--;
      else state.waiting.push(Number.parseInt(hex, 16));
      continue;
    }
    // What stands for a letter that is given by its number goes before it is said.
    if (text === undefined || state.toSkip > 0) flush(state);
    if (group !== undefined) brace(state, group);
    else if (name === 'bin') reader.lastIndex += Math.max(0, Number(value ?? 0));
    else if (name !== undefined) control(state, name, value === undefined ? undefined : Number(value));
    else if (sign !== undefined) escaped(state, sign);
    else if (text !== undefined) plain(state, text);
    if (group === '}' && state.groups.length === 0) break;
  }
  flush(state);
  state.lines.end();
}

/** RTF: paragraphs, headings by their level in the outline, tables, notes in place; hidden text and pictures are left out. */
export async function loadRtf(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const source = new TextDecoder('latin1').decode(bytes);
  if (!source.startsWith('{\\rtf')) throw new Unreadable('damaged: not a valid RTF');
  const writer = createWriter();
  const state: State = {
    group: { isSilent: false, isHidden: false, isFonts: false, font: 0, skipped: 1 },
    ...{ groups: [], fonts: new Map(), info: new Map(), lines: createLines(writer) },
    leftOut: { pictures: 0, objects: 0, hidden: 0 },
    ...{ inInfo: undefined, page: 'windows-1252', waiting: [], toSkip: 0, isStarred: false },
  };
  read(source, state);
  const { leftOut, info } = state;
  const { text, blocks } = writer.result();
  const remarks = [
    ...leftOutRemark(leftOut.pictures, 'picture is not read', 'pictures are not read'),
    ...leftOutRemark(leftOut.objects, 'embedded object is not read', 'embedded objects are not read'),
    ...leftOutRemark(
      leftOut.hidden,
      'piece of hidden or deleted text is left out',
      'pieces of hidden or deleted text are left out',
    ),
  ];
  const [title = '', author = ''] = ['title', 'author'].map((key) => info.get(key)?.trim());
  return {
    ...{ title: title || blocks[0]?.heading[0] || name, text, blocks },
    metadata: author === '' ? {} : { author },
    ...(remarks.length > 0 && { remarks }),
  };
}
