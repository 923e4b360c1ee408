import { posix } from 'node:path';
import { openArchive } from '../../../src/library/reading/loaders/zip.ts';
import { changedXml, type RawElement, rawText, rawXml } from './xml-text.ts';
import { type Part, zip } from './zip.ts';

// Other ways to write an Office package (ECMA-376 part 2) that says the same: what any reader has to take as it is.

type Random = () => number;
/** Parts by their names, in the order of the archive. */
type Parts = Readonly<Record<string, Part>>;
type Change = (parts: Parts, random: Random) => Parts;

const pick = <T>(values: readonly T[], random: Random): T =>
  values[Math.floor(random() * values.length)] as T;

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

const types = '[Content_Types].xml';
const isRelations = (name: string): boolean => /(^|\/)_rels\/[^/]*\.rels$/i.test(name);
const isXml = (name: string): boolean => /\.(xml|rels|vml)$/i.test(name);

/** The part that relations belong to; '' for the package. */
const ownerOf = (relations: string): string => relations.replace(/_rels\/([^/]*)\.rels$/i, '$1');
const relationsOf = (part: string): string => part.replace(/([^/]*)$/, '_rels/$1.rels');

const mapNames = (parts: Parts, rename: (name: string) => string): Parts =>
  Object.fromEntries(Object.entries(parts).map(([name, content]) => [rename(name), content]));

const mapXml = (parts: Parts, change: (root: RawElement, name: string) => RawElement): Parts =>
  Object.fromEntries(
    Object.entries(parts).map(([name, content]) => [
      name,
      isXml(name) && typeof content === 'string' ? rawText(change(rawXml(content), name)) : content,
    ]),
  );

const withAttributes = (
  element: RawElement,
  change: (name: string, value: string) => string | undefined,
): RawElement => ({
  ...element,
  attributes: element.attributes.flatMap(([name, value]) => {
    const changed = change(name, value);
    return changed === undefined ? [] : [[name, changed] as const];
  }),
});

/** Gives relations and the list of types other names of parts. */
function retargeted(parts: Parts, target: (owner: string, part: string) => string): Parts {
  return mapXml(parts, (root, file) => {
    if (file.toLowerCase() === types.toLowerCase())
      return changedXml(root, (one) =>
        withAttributes(one, (name, value) =>
          name === 'PartName' ? `/${target('', value.slice(1))}`.replace('//', '/') : value,
        ),
      );
    if (!isRelations(file)) return root;
    const owner = ownerOf(file);
    return changedXml(root, (one) =>
      one.attributes.some(([name, value]) => name === 'TargetMode' && value === 'External')
        ? one
        : withAttributes(one, (name, value) =>
            name === 'Target'
              ? target(owner, posix.resolve('/', posix.dirname(owner), value).slice(1))
              : value,
          ),
    );
  });
}

/** Relations with their targets from the root, or from the folder of their owner. */
const otherTargets: Change = (parts, random) =>
  mapXml(parts, (root, file) => {
    if (!isRelations(file)) return root;
    const folder = posix.dirname(ownerOf(file));
    return changedXml(root, (one) =>
      one.attributes.some(([name, value]) => name === 'TargetMode' && value === 'External')
        ? one
        : withAttributes(one, (name, value) => {
            if (name !== 'Target') return value;
            const part = value.startsWith('/') ? value : posix.join('/', folder, value);
            const near = posix.relative(posix.join('/', folder), part);
            return pick([part, near, `./${near}`], random);
          }),
    );
  });

const otherNames: Change = (parts, random) => {
  const folders = ['', 'a/', 'content/x/', 'word/', 'xl/', 'p%20q/'];
  const names = new Map<string, string>();
  for (const name of Object.keys(parts)) {
    if (name === types || isRelations(name)) continue;
    names.set(name, `${pick(folders, random)}n${names.size}${posix.extname(name)}`);
  }
  const absolute = retargeted(parts, (_owner, part) => `/${names.get(part) ?? part}`);
  return mapNames(absolute, (name) => {
    if (!isRelations(name)) return names.get(name) ?? name;
    const owner = ownerOf(name);
    return relationsOf(names.get(owner) ?? owner);
  });
};

const otherCase: Change = (parts, random) =>
  mapNames(parts, (name) => pick([name, name.toUpperCase(), name.toLowerCase()], random));

/** Ids of relations are the package's own. */
const otherIds: Change = (parts, random) => {
  const mark = pick(['R', 'rel_', 'x'], random);
  const renamed = (id: string): string => `${mark}${[...id].reverse().join('')}`;
  const ids = new Map<string, Set<string>>();
  for (const [file, content] of Object.entries(parts)) {
    if (!isRelations(file) || typeof content !== 'string') continue;
    const found = [...content.matchAll(/\bId=["']([^"']+)["']/g)].map(([, id = '']) => id);
    ids.set(ownerOf(file), new Set(found));
  }
  return mapXml(parts, (root, file) =>
    changedXml(root, (one) =>
      withAttributes(one, (name, value) => {
        if (isRelations(file)) return name === 'Id' ? renamed(value) : value;
        return name.includes(':') && ids.get(file)?.has(value) ? renamed(value) : value;
      }),
    ),
  );
};

/** Attributes that a schema lets out, and values that it assumes. */
const optional =
  /^(w:rsid\w*|w14:paraId|w14:textId|spans|dyDescent|\w+:dyDescent|count|uniqueCount|lang|dirty|err|smtClean|ht|customHeight|standalone|mc:Ignorable)$/;
const assumed: Readonly<Record<string, string>> = { t: 'n', s: '0', TargetMode: 'Internal', showGuides: '1' };

const lessAttributes: Change = (parts, random) =>
  mapXml(parts, (root) =>
    changedXml(root, (one) =>
      withAttributes(one, (name, value) =>
        (optional.test(name) || assumed[name] === value) && random() < 0.7 ? undefined : value,
      ),
    ),
  );

const localName = (tag: string): string => tag.slice(tag.indexOf(':') + 1);
const places = (row: RawElement): (string | undefined)[] =>
  row.children.flatMap((cell) =>
    typeof cell === 'string' ? [] : [cell.attributes.find(([name]) => name === 'r')?.[1]],
  );

/** Rows of a sheet whose cells lie side by side from its first column need not say where each is. */
const fewerPlaces: Change = (parts, random) =>
  mapXml(parts, (root) =>
    changedXml(root, (row) => {
      if (localName(row.tag) !== 'row') return row;
      const isFull = places(row).every((place, i) => place?.replace(/\d+$/, '') === 'ABCDEFGH'[i]);
      if (!isFull || random() < 0.3) return row;
      return changedXml(row, (one) =>
        localName(one.tag) === 'c'
          ? withAttributes(one, (name, value) => (name === 'r' ? undefined : value))
          : one,
      );
    }),
  );

const otherOrders: Change = (parts, random) => {
  const changed = mapXml(parts, (root, file) => {
    const mixed = changedXml(root, (one) => ({ ...one, attributes: shuffled(one.attributes, random) }));
    return isRelations(file) || file === types
      ? { ...mixed, children: shuffled(mixed.children, random) }
      : mixed;
  });
  return Object.fromEntries(shuffled(Object.entries(changed), random));
};

/** Prefixes are a document's own: each namespace gets another one, or becomes that of names without a prefix. */
const otherPrefixes: Change = (parts, random) =>
  mapXml(parts, (root) => {
    const declared = new Map<string, string>();
    changedXml(root, (one) => {
      for (const [name, value] of one.attributes)
        if (name.startsWith('xmlns:')) declared.set(name.slice(6), value);
      return one;
    });
    const used = [...declared.keys()];
    const renamed = new Map(
      used.map((prefix, i) => [prefix, pick([prefix, `ns${i}`, `${prefix}x`], random)]),
    );
    const hasDefault = JSON.stringify(root).includes('"xmlns"');
    const plain = hasDefault || random() < 0.5 ? undefined : pick(used, random);
    const other = (name: string, isElement: boolean): string => {
      const colon = name.indexOf(':');
      if (colon < 0) return name;
      const [prefix, local] = [name.slice(0, colon), name.slice(colon + 1)];
      if (prefix === 'xmlns') return `xmlns:${renamed.get(local) ?? local}`;
      if (isElement && prefix === plain) return local;
      return `${renamed.get(prefix) ?? prefix}:${local}`;
    };
    const changed = changedXml(root, (one) => ({
      ...one,
      tag: other(one.tag, true),
      attributes: one.attributes.map(([name, value]) => [
        other(name, false),
        // Values of these are prefixes.
        /(^|:)(Ignorable|Requires|MustUnderstand)$/.test(name)
          ? value.replace(/\S+/g, (prefix) => renamed.get(prefix) ?? prefix)
          : value,
      ]),
    }));
    if (plain === undefined) return changed;
    const declaration = ['xmlns', declared.get(plain) ?? ''] as const;
    return { ...changed, attributes: [...changed.attributes, declaration] };
  });

const transitional =
  /http:\/\/schemas\.openxmlformats\.org\/(officeDocument|wordprocessingml|presentationml|spreadsheetml|drawingml)(\/2006)?/g;

/** The namespaces of the strict form of the format. */
const strictNamespaces: Change = (parts) =>
  Object.fromEntries(
    Object.entries(parts).map(([name, content]) => [
      name,
      typeof content === 'string' && isXml(name) && name !== types
        ? content.replace(transitional, 'http://purl.oclc.org/ooxml/$1')
        : content,
    ]),
  );

/** Text in sections and references, comments between elements, another encoding. */
const otherSpelling: Change = (parts, random) => {
  const spelled = (text: string): string => {
    const how = random();
    if (text.trim() === '' || text.startsWith('<![') || how < 0.6) return text;
    if (how < 0.8 && !/[&<>]/.test(text)) return `<![CDATA[${text}]]>`;
    return text.replace(/[a-m](?![^&;]*;)/g, (letter) => `&#${letter.charCodeAt(0)};`);
  };
  return Object.fromEntries(
    Object.entries(parts).map(([name, content]) => {
      if (!isXml(name) || typeof content !== 'string') return [name, content];
      const root = changedXml(rawXml(content), (one) => {
        const children = one.children.map((child) => (typeof child === 'string' ? spelled(child) : child));
        const hasText = one.children.some((child) => typeof child === 'string');
        const spaced = children.flatMap((child) => ['\n  ', random() < 0.1 ? '<!-- note -->' : '', child]);
        return { ...one, children: hasText || children.length === 0 ? children : [...spaced, '\n'] };
      });
      const text = rawText(root);
      const declared = (encoding: string): string =>
        `<?xml version="1.0" encoding="${encoding}"?>\r\n${text}`;
      if (random() < 0.1) return [name, Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le')];
      return [name, pick([text, declared('UTF-8'), `\ufeff${declared('utf-8')}`], random)];
    }),
  );
};

/** Folders as entries of their own, and a part that nothing refers to. */
const moreEntries: Change = (parts) => ({
  'word/': '',
  'ppt/': '',
  ...parts,
  'docProps/thumbnail.jpeg': Buffer.from('not a picture'),
});

const changes: Readonly<Record<string, Change>> = {
  ...{ otherNames, otherIds, otherTargets, lessAttributes, fewerPlaces, otherOrders, otherPrefixes },
  // The last, since it may leave other than text.
  ...{ strictNamespaces, otherSpelling, otherCase, moreEntries },
};

function archived(parts: Parts, random: Random): Buffer {
  const file = zip(parts, { stored: random() < 0.3, streamed: random() < 0.3 });
  const around = random();
  if (around < 0.15) return Buffer.concat([file, Buffer.alloc(1 + Math.floor(random() * 3_000))]);
  if (around < 0.3) return Buffer.concat([file, Buffer.from('\r\n')]);
  if (around < 0.35) return Buffer.concat([Buffer.from('MZ in front'), file]);
  if (around < 0.45) {
    const comment = Buffer.from('made by hand');
    file.writeUInt16LE(comment.length, file.length - 2);
    return Buffer.concat([file, comment]);
  }
  return file;
}

/** The parts of a package, those with XML as text. */
export async function partsOf(file: Uint8Array): Promise<Parts> {
  const archive = await openArchive(file);
  const parts: Record<string, Part> = {};
  for (const name of archive.names) {
    const bytes = (await archive.read(name)) ?? Buffer.alloc(0);
    parts[name] = isXml(name) ? new TextDecoder().decode(bytes) : bytes;
  }
  return parts;
}

/**
 * A package that says the same, written in another way.
 * @param only the names of changes; by default each with even odds
 */
export function rewritten(parts: Parts, random: Random, only?: readonly string[]): Buffer {
  const chosen = Object.entries(changes).filter(([name]) => (only ? only.includes(name) : random() < 0.5));
  return archived(
    chosen.reduce((changed, [, change]) => change(changed, random), parts),
    random,
  );
}

/** The names of the ways to write a package that `rewritten` knows. */
export const packageChanges: readonly string[] = Object.keys(changes);
