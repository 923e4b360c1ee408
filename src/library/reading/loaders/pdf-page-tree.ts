import { constants, inflateSync } from 'node:zlib';

// pdf.js stops at the first entry of the tree of pages that is broken, and the pages behind it do not exist for it. Such a
// file is read by what is known of its objects, and gets a new tree, in which an empty page stands for a broken one.

/** Beyond these a file is not mended. */
const maxObjects = 500_000;
const maxPages = 50_000;
const maxDepth = 100;
/** Text of all streams that hold objects. */
const maxUnpacked = 50_000_000;

type Objects = ReadonlyMap<number, string>;

interface Found {
  readonly objects: Objects;
  /** Numbers of those that lie in streams, which only a table at the end of the file tells of. */
  readonly packed: ReadonlySet<number>;
}

function inflated(data: Uint8Array, maxOutputLength: number): string {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    return inflateSync(data, { finishFlush, maxOutputLength }).toString('latin1');
  } catch {
    return '';
  }
}

/** The objects that a stream of them holds (ISO 32000-2, 7.5.7). */
function packedIn(
  dictionary: string,
  data: string,
  maxLength: number,
): readonly (readonly [number, string])[] {
  const first = Number(/\/First\s+(\d+)/.exec(dictionary)?.[1] ?? 0);
  const isPlain = !/\/Filter\b/.test(dictionary);
  const text = isPlain ? data : inflated(Buffer.from(data, 'latin1'), maxLength);
  const numbers = text.slice(0, first).trim().split(/\s+/).map(Number);
  return numbers.flatMap((number, i) => {
    const [offset, next] = [numbers[i + 1] ?? Number.NaN, numbers[i + 3]];
    if (i % 2 === 1 || !Number.isInteger(number) || !Number.isInteger(offset)) return [];
    return [[number, text.slice(first + offset, next === undefined ? undefined : first + next)] as const];
  });
}

/** Every object by its number, a stream as its dictionary; undefined where there are too many. */
function objectsIn(text: string): Found | undefined {
  const objects = new Map<number, string>();
  const packed = new Set<number>();
  let unpacked = 0;
  const heads = [...text.matchAll(/\b(\d{1,9})\s{1,4}\d{1,5}\s{1,4}obj\b/g).take(maxObjects + 1)];
  if (heads.length > maxObjects) return undefined;
  for (const [i, head] of heads.entries()) {
    // As far as the next one at most: a file without any "endobj" must not be searched to its end each time.
    const whole = text.slice(head.index + head[0].length, heads[i + 1]?.index);
    const end = /\bendobj\b|\bstream\r?\n/.exec(whole);
    const body = whole.slice(0, end?.index).trim();
    objects.set(Number(head[1]), body);
    packed.delete(Number(head[1]));
    if (!end?.[0].startsWith('stream') || !/\/Type\s*\/ObjStm\b/.test(body)) continue;
    const data = whole.slice(end.index + end[0].length);
    for (const [number, object] of packedIn(body, data, maxUnpacked - unpacked + 1)) {
      objects.set(number, object.trim());
      packed.add(number);
      unpacked += object.length;
    }
    if (unpacked > maxUnpacked) return undefined;
  }
  return { objects, packed };
}

const isDictionary = (body: string | undefined): body is string =>
  body?.startsWith('<<') === true && body.endsWith('>>');
const isPage = (body: string): boolean => /\/Type\s*\/Page\b/.test(body);

function byParent(objects: Objects): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const [number, body] of objects) {
    const parent = /\/Parent\s+(\d+)\s+\d+\s+R/.exec(body)?.[1];
    if (parent === undefined || !/\/Type\s*\/Pages?\b/.test(body)) continue;
    const known = children.get(Number(parent));
    if (known) known.push(number);
    else children.set(Number(parent), [number]);
  }
  return children;
}

function kidsOf(body: string, objects: Objects): (number | undefined)[] {
  const other = /\/Kids\s+(\d+)\s+\d+\s+R/.exec(body)?.[1];
  const list = other === undefined ? /\/Kids\s*(\[[^[\]]*\])/.exec(body)?.[1] : objects.get(Number(other));
  return [...(list ?? '').replace(/[[\]]/g, ' ').matchAll(/(\d+)\s+\d+\s+R\b|\S+/g)].map(([, number]) =>
    number === undefined ? undefined : Number(number),
  );
}

/** The numbers of the pages' objects in their order; undefined for one that is broken. */
function pagesBelow(root: number, objects: Objects): (number | undefined)[] {
  const pages: (number | undefined)[] = [];
  const seen = new Set<number>();
  const children = byParent(objects);
  const childrenOf = (number: number): 'page' | readonly (number | undefined)[] => {
    const body = objects.get(number);
    const isWhole = isDictionary(body);
    if (isWhole && !body.includes('/Kids')) return 'page';
    if (isWhole && !isPage(body)) return kidsOf(body, objects);
    // Pages know to which list they belong, though it is lost.
    return children.get(number) ?? [undefined];
  };
  const visit = (number: number | undefined, depth: number): void => {
    if (pages.length > maxPages) return;
    if (number === undefined || seen.has(number) || depth > maxDepth) {
      pages.push(undefined);
      return;
    }
    seen.add(number);
    const below = childrenOf(number);
    if (below === 'page') pages.push(number);
    else for (const kid of below) visit(kid, depth + 1);
  };
  visit(root, 0);
  return pages;
}

/** A file with a new tree of pages. */
interface Mended {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Numbers of those that are broken, from 1. */
  readonly broken: ReadonlySet<number>;
  /** It does not say which pages it has: these are those that were found. */
  readonly isGuessed: boolean;
}

interface Tree {
  readonly pages: readonly (number | undefined)[];
  readonly root: number;
  /** With what stands for the new list of pages. */
  readonly catalog: (list: number) => string;
  readonly isGuessed: boolean;
}

function treeOf(text: string, objects: Objects): Tree {
  const root = Number([...text.matchAll(/\/Root\s+(\d+)\s+\d+\s+R/g)].at(-1)?.[1]);
  const catalog = objects.get(root);
  const tree = /\/Pages\s+(\d+)\s+\d+\s+R/.exec(catalog ?? '');
  const found = tree === null ? [] : pagesBelow(Number(tree[1]), objects);
  if (catalog !== undefined && tree && found.some((page) => page !== undefined)) {
    const renewed = (list: number): string => catalog.replace(tree[0], `/Pages ${list} 0 R`);
    return { pages: found, root, catalog: renewed, isGuessed: false };
  }
  const pages = [...objects].flatMap(([number, body]) =>
    isDictionary(body) && isPage(body) ? [number] : [],
  );
  const next = objects.keys().reduce((a, b) => Math.max(a, b), 0) + 1;
  const made = (list: number): string => `<< /Type /Catalog /Pages ${list} 0 R >>`;
  return { pages, root: next, catalog: made, isGuessed: true };
}

/** The file with all pages that it has; undefined where none are found. */
export function withAllPages(bytes: Uint8Array): Mended | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  // Encrypted objects are not text.
  const found = /\/Encrypt\b/.test(text) ? undefined : objectsIn(text);
  if (!found) return undefined;
  const { objects, packed } = found;
  const { pages, root, catalog, isGuessed } = treeOf(text, objects);
  if (pages.length === 0 || pages.length > maxPages) return undefined;

  let last = objects.keys().reduce((a, b) => Math.max(a, b), root);
  const written: string[] = [];
  const write = (number: number, body: string): number => {
    written.push(`${number} 0 obj\n${body}\nendobj\n`);
    return number;
  };
  for (const number of packed) write(number, objects.get(number) ?? 'null');
  const empty = '<< /Type /Page /MediaBox [0 0 9 9] >>';
  const kids = pages.map((page) => `${page ?? write(++last, empty)} 0 R`);
  const list = write(++last, `<< /Type /Pages /Count ${kids.length} /Kids [${kids.join(' ')}] >>`);
  write(root, catalog(list));
  // A table that is not where it should be has the reader look for all objects itself, of which the last ones count.
  const end = `\nendobj\n${written.join('')}trailer\n<< /Root ${root} 0 R /Size ${last + 1} >>\nstartxref\n0\n%%EOF\n`;
  return {
    bytes: Buffer.concat([bytes, Buffer.from(end, 'latin1')]),
    count: pages.length,
    broken: new Set(pages.flatMap((page, i) => (page === undefined ? [i + 1] : []))),
    isGuessed,
  };
}
