import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { megabytes, Unreadable } from './loader.ts';

/** Maximum unpacked size of the parts that are read from an archive, unless more is allowed. */
const usualUnpacked = 64_000_000;
/** Maximum entries of an archive. */
const maxEntries = 20_000;
/** An expansion ratio beyond this is malicious, unless the result is small. */
const maxRatio = 200;
const smallUnpacked = 8_000_000;

/** An archive whose parts are unpacked on request, within limits for all of them together. */
export interface Archive {
  readonly names: readonly string[];
  /** The unpacked bytes, or undefined when there is no such part. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Unpacks parts and discards them, for the sake of a library that unpacks the archive itself afterwards. */
  check(isRead: (name: string) => boolean): Promise<void>;
}

const fromBuffer = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);

/** Length of the record at the end of an archive, without its comment, which may have this length. */
const endLength = 22;
const maxComment = 0xffff;

/**
 * The archive itself, of a file that has bytes in front of it or behind it: programs fill up blocks, mail adds line ends.
 * Whole files are returned as they are.
 */
function withoutSurroundings(file: Buffer): Buffer {
  for (
    let at = file.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
    at >= 0 && at >= file.length - endLength - 2 * maxComment;
    at = at === 0 ? -1 : file.lastIndexOf('PK\u0005\u0006', at - 1, 'latin1')
  ) {
    if (at + endLength > file.length) continue;
    const [size, offset] = [file.readUInt32LE(at + 12), file.readUInt32LE(at + 16)];
    const end = at + endLength + file.readUInt16LE(at + 20);
    // Large archives say where the directory is in a record of their own.
    const start = offset === 0xffffffff || size === 0xffffffff ? 0 : at - size - offset;
    const isDirectory = start >= 0 && (size === 0 || start + offset < at);
    if (isDirectory && end <= file.length) return file.subarray(start, end);
  }
  return file;
}

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
 * Opens a ZIP archive (such as DOCX, PPTX, XLSX and EPUB).
 * @throws Unreadable, here and from its methods, when it is damaged or encrypted or unpacks to too much, counting the
 * actual bytes rather than trusting the archive's headers
 */
export async function openArchive(bytes: Uint8Array, maxUnpacked = usualUnpacked): Promise<Archive> {
  const buffer = withoutSurroundings(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
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
    // The declared size is trusted only when it is too large.
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
