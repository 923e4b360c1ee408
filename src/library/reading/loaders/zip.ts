import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { megabytes, Unreadable } from './loader.ts';

/** Most bytes that the parts of an archive which are read may unpack to. */
const maxUnpacked = 64_000_000;
/** Most entries of an archive. */
const maxEntries = 20_000;
/** What unpacks to so many times its size is made to do harm, once it is not small. */
const maxRatio = 200;
const smallUnpacked = 8_000_000;

/** An archive of which the parts that are asked for are unpacked, within limits for all of them together. */
export interface Archive {
  readonly names: readonly string[];
  /** The unpacked bytes, or undefined when there is no such part. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Unpacks parts without keeping them: for a library that unpacks the archive itself afterwards. */
  check(isRead: (name: string) => boolean): Promise<void>;
}

const fromBuffer = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

async function entriesOf(zip: yauzl.ZipFile): Promise<Map<string, yauzl.Entry>> {
  const entries = new Map<string, yauzl.Entry>();
  if (zip.entryCount > maxEntries) throw new Unreadable(`too many parts (${zip.entryCount})`);
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.once('end', resolve);
    zip.once('error', reject);
    zip.readEntry();
  });
  return entries;
}

/**
 * Opens a ZIP archive (DOCX, PPTX, XLSX and EPUB are some).
 * @throws Unreadable, here and from its methods, when it is damaged or encrypted or unpacks to too much: the
 * bytes that come out are counted, whatever the archive says of itself
 */
export async function openArchive(bytes: Uint8Array): Promise<Archive> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const zip = await fromBuffer(buffer, { lazyEntries: true }).catch(() => {
    throw new Unreadable('damaged: incomplete ZIP archive');
  });
  const entries = await entriesOf(zip).catch((error: unknown) => {
    throw error instanceof Unreadable ? error : new Unreadable('damaged: invalid central directory');
  });
  const openStream = promisify(zip.openReadStream.bind(zip)) as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream & AsyncIterable<Buffer>>;
  let unpacked = 0;

  function count(length: number, entry: yauzl.Entry, fromEntry: number): void {
    unpacked += length;
    const ratio = fromEntry / Math.max(1, entry.compressedSize);
    if (unpacked > maxUnpacked || (fromEntry > smallUnpacked && ratio > maxRatio)) {
      throw new Unreadable(
        `unpacks to too much: "${entry.fileName}" goes from ${megabytes(entry.compressedSize)} to over ${megabytes(fromEntry)} (a zip bomb?)`,
      );
    }
  }

  async function unpack(entry: yauzl.Entry, take: (part: Buffer) => void): Promise<void> {
    // What it says of itself is believed only when it is too much.
    if (entry.uncompressedSize > maxUnpacked) count(entry.uncompressedSize, entry, entry.uncompressedSize);
    if (entry.isEncrypted()) throw new Unreadable('encrypted: needs a password');
    let fromEntry = 0;
    try {
      for await (const part of await openStream(entry)) {
        fromEntry += part.length;
        count(part.length, entry, fromEntry);
        take(part);
      }
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      throw new Unreadable(`damaged: part "${entry.fileName}" cannot be unpacked`);
    }
  }

  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      const parts: Buffer[] = [];
      await unpack(entry, (part) => parts.push(part));
      return Buffer.concat(parts);
    },
    async check(isRead) {
      for (const [name, entry] of entries) if (isRead(name)) await unpack(entry, () => {});
    },
  };
}
