// Reads documents with our readers and with programs that are not ours, and says which words ours lack:
//   npm run witness [-- FOLDER] [--only .pdf,.html] [--each 200] [--files]
// Without a folder it copies documents of this machine to one of its own. Needs poppler-utils, pandoc and LibreOffice
// (Debian: poppler-utils pandoc libreoffice-writer libreoffice-calc libreoffice-impress); formats whose program is not
// there are passed over, and said. Fails where more than 1 % of a format's words are lacking and neither a remark nor
// the reason of a refusal accounts for them.
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { refusedByName } from '../src/library/reading/file-names.ts';
import { documentType } from '../src/library/reading/formats.ts';
import { parseDocument } from '../src/library/reading/parse.ts';
import { remarksField } from '../src/stores/index/remarks.ts';
import { isLocked, unexplained } from './witness/explained.ts';
import { extracted, lackingFor } from './witness/extractors.ts';
import { documentsIn, gather } from './witness/gather.ts';
import { lackOf, total } from './witness/words.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    each: { type: 'string', default: '200' },
    files: { type: 'boolean', default: false },
  },
});

/** Of an ending's words, where there are enough to judge by. */
const maxLacking = 0.01;
const minWords = 1_000;
const shownFiles = 8;
const shownWords = 14;

const home = join(tmpdir(), 'hydrogen-witness');
const kept = join(home, 'extracted');
await mkdir(kept, { recursive: true });
const folder = positionals[0] ?? join(home, 'documents');
if (positionals[0] === undefined) await gather(folder, Number(values.each));
const only = values.only?.split(',');

interface Reading {
  readonly text: string;
  readonly remarks: readonly string[];
  /** Why there is none. */
  readonly skipped?: string;
}

async function ours(file: string): Promise<Reading> {
  const name = basename(file);
  const refused = refusedByName(name);
  if (refused !== undefined) return { text: '', remarks: [], skipped: refused };
  const type = documentType(name);
  const content = { file, maxBytes: 50_000_000 };
  const reply = await parseDocument({ id: file, name, ...(type && { type }), content });
  if ('skipped' in reply) return { text: '', remarks: [], skipped: reply.skipped };
  if (!('document' in reply)) return { text: '', remarks: [] };
  const { title, text, metadata } = reply.document;
  const remarks = metadata[remarksField];
  return { text: `${title}\n${text}`, remarks: Array.isArray(remarks) ? remarks.map(String) : [] };
}

interface Judged {
  readonly file: string;
  readonly words: number;
  readonly lacking: ReadonlyMap<string, number>;
  readonly otherwise: ReadonlyMap<string, number>;
  readonly fewer: number;
  readonly remarks: readonly string[];
}

const percent = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(2)} %`;
const most = (bags: readonly ReadonlyMap<string, number>[]): string => {
  const all = new Map<string, number>();
  for (const bag of bags) for (const [word, count] of bag) all.set(word, (all.get(word) ?? 0) + count);
  const sorted = [...all].sort((a, b) => b[1] - a[1]).slice(0, shownWords);
  return sorted.map(([word, count]) => `${word} ${count}`).join(', ');
};

async function judge(ending: string, files: readonly string[]): Promise<boolean> {
  const lackingPrograms = await lackingFor(ending);
  if (lackingPrograms.length > 0) {
    console.log(`${ending}: ${files.length} files skipped, ${lackingPrograms.join(' and ')} not installed`);
    return true;
  }
  const judged: Judged[] = [];
  const refused: string[] = [];
  let [without, lost] = [0, 0];
  for (const file of files) {
    const theirs = await extracted(file, kept);
    const { text, remarks, skipped } = await ours(file);
    if (skipped !== undefined) {
      // A refusal says so; what the other finds all the same is lacking.
      const found = theirs === undefined || isLocked(skipped) ? 0 : total(lackOf('', theirs).lacking);
      lost += found;
      refused.push(`${basename(file)}: ${skipped}; the other finds ${found} words`);
    } else if (theirs === undefined) without++;
    else judged.push({ file, remarks, ...(await unexplained(lackOf(text, theirs), file, remarks)) });
  }
  const words = judged.reduce((sum, one) => sum + one.words, lost);
  const lacking = judged.reduce((sum, one) => sum + total(one.lacking), lost);
  const otherwise = judged.reduce((sum, one) => sum + total(one.otherwise), 0);
  const fewer = judged.reduce((sum, one) => sum + one.fewer, 0);
  const isGood = words < minWords || lacking <= words * maxLacking;
  console.log(
    `${ending}: ${judged.length} files, ${words} words, lacking ${percent(lacking, words)}${isGood ? '' : ' (too many)'}, ` +
      `joined or parted otherwise ${percent(otherwise, words)}, repeated fewer times ${percent(fewer, words)}; ` +
      `${without} not read by the other, ${refused.length} not by ours`,
  );
  const worst = judged
    .filter((one) => one.lacking.size > 0)
    .sort((a, b) => total(b.lacking) - total(a.lacking))
    .slice(0, values.files ? judged.length : shownFiles);
  for (const { file, lacking: bag, words: all, remarks } of worst) {
    const said = remarks.length > 0 ? ` [${remarks.join('; ')}]` : '';
    console.log(`  ${basename(file)}: ${total(bag)} of ${all}: ${most([bag])}${said}`);
  }
  console.log(`  most lacking: ${most(judged.map((one) => one.lacking))}`);
  console.log(`  most joined or parted: ${most(judged.map((one) => one.otherwise))}`);
  for (const line of refused.slice(0, values.files ? refused.length : shownFiles))
    console.log(`  not read: ${line}`);
  return isGood;
}

const byEnding = Map.groupBy(await documentsIn(folder), (file) => extname(file).toLowerCase());
let isGood = true;
for (const [ending, files] of byEnding) {
  if (only && !only.includes(ending)) continue;
  if (!(await judge(ending, files))) isGood = false;
}
process.exitCode = isGood ? 0 : 1;
