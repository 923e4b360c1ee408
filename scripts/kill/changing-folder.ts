import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, sep } from 'node:path';

/** A folder of pages, all made up of the same few words. */
export interface ChangingFolder {
  readonly path: string;
  /** A page comes, changes, moves or goes. */
  change(): void;
  /** A number that stands in one page alone, and the id of its document. */
  somePage(): { readonly number: string; readonly document: string };
  /** The number of the last page that went. */
  removedNumber(): string | undefined;
}

/** The folder keeps about this many pages, of two passages each. */
const pages = 250;
const parts = ['north', 'south', 'east', 'west'];
const words =
  'hydrogen pressure vessel cavern salt electrolyser stack membrane valve sensor alarm compressor bottle leak pipe steel heat water power wind grid price contract tariff storage truck filling bay flange gasket purge nitrogen inspection permit crew shift log'.split(
    ' ',
  );

export function changingFolder(path: string, random: () => number): ChangingFolder {
  const pick = <T>(things: readonly T[]): T => things[Math.floor(random() * things.length)] as T;
  // Some paragraphs stand in many pages: a vector is made once for all of them.
  const paragraph = (): string => Array.from({ length: 30 }, () => pick(words)).join(' ');
  const shared = Array.from({ length: 10 }, paragraph);
  let made = 0;
  let removed: string | undefined;

  const all = (): string[] =>
    parts.flatMap((part) => readdirSync(join(path, part)).map((name) => join(part, name)));
  const numberOf = (file: string): string => /n\d+n/.exec(readFileSync(join(path, file), 'utf8'))?.[0] ?? '';

  function add(): void {
    const number = made++;
    const second = random() < 0.3 ? pick(shared) : paragraph();
    writeFileSync(
      join(path, pick(parts), `page-${number}.md`),
      `---\nnumber: ${number}\n---\n# ${pick(words)}\n\nNumber n${number}n: ${paragraph()}.\n\n## ${pick(parts)}\n\n${second}.\n`,
    );
  }

  for (const part of parts) mkdirSync(join(path, part), { recursive: true });
  for (let i = 0; i < pages; i++) add();
  return {
    path,
    change() {
      const there = all();
      const choice = random();
      // The fewer there are, the more come.
      if (choice < 0.25 + (pages - there.length) / pages) return add();
      const page = pick(there);
      const file = join(path, page);
      if (choice < 0.5) {
        writeFileSync(file, readFileSync(file, 'utf8').replace(/\w+\.\n$/, `${pick(words)}.\n`));
      } else if (choice < 0.75) {
        renameSync(file, join(path, pick(parts), `moved-${made++}.md`));
      } else {
        removed = numberOf(page);
        rmSync(file);
      }
    },
    somePage() {
      const page = pick(all());
      return { number: numberOf(page), document: `${basename(path)}/${page.replaceAll(sep, '/')}` };
    },
    removedNumber: () => removed,
  };
}
