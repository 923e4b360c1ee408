import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badInput, HydrogenError, notSupported } from '../../../errors.ts';
import { isSame, type OpenFile, openFile } from '../../../policy/safe-open.ts';
import { unreadable } from './unreadable.ts';

/** A file to open. */
export interface FileSource {
  /** Its name as the caller gave it; the ending determines the format. */
  readonly file: string;
  /** Its real path: a link that has replaced it is not followed. */
  readonly path: string;
}

/** A file that can be read more than once, decompressed when its name ends in `.gz`. */
export interface FileBytes {
  readonly path: string;
  /** Size on disk. */
  readonly size: number;
  /** Its content in chunks. @throws HydrogenError `bad_input` for damaged gzip. */
  read(): AsyncIterable<Buffer>;
}

/** The first bytes of `mongodump --archive`, 0x8199e26d as little-endian. */
const archive = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
const chunkBytes = 256 * 1024;

async function open({ file, path }: FileSource): Promise<OpenFile> {
  return openFile(path).catch(async (cause: unknown) => {
    throw await unreadable(file, path, cause);
  });
}

async function readStart(
  source: FileSource,
  count: number,
): Promise<{ start: Buffer; stat: OpenFile['stat'] }> {
  const { handle, stat } = await open(source);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return { start: buffer.subarray(0, bytesRead), stat };
  } finally {
    await handle.close();
  }
}

function refuseArchive(): never {
  throw notSupported(
    'A mongodump archive (--archive)',
    'dump into a folder instead (`mongodump --out FOLDER`) and import that',
  );
}

/** @throws HydrogenError as `unreadable` describes, `not_supported` for a mongodump archive. */
export async function openBytes(source: FileSource, onBytes: (count: number) => void): Promise<FileBytes> {
  const { file } = source;
  const { start, stat } = await readStart(source, 4);
  const packed = file.toLowerCase().endsWith('.gz');
  if (/\.archive(\.gz)?$/i.test(file) || start.equals(archive)) refuseArchive();

  async function* raw(): AsyncGenerator<Buffer> {
    const { handle, stat: now } = await open(source);
    if (!isSame(now, stat)) {
      await handle.close();
      throw new HydrogenError('conflict', 'The file was replaced while it was being read: import it again.');
    }
    // The stream closes it.
    const stream = handle.createReadStream({ highWaterMark: chunkBytes });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onBytes(chunk.length);
      yield chunk;
    }
  }
  async function* unpacked(): AsyncGenerator<Buffer> {
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    const source = Readable.from(raw(), { objectMode: false });
    source.on('error', (error) => gunzip.destroy(error));
    let first = true;
    try {
      for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
        if (first && chunk.subarray(0, 4).equals(archive)) refuseArchive();
        first = false;
        yield chunk;
      }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!code.startsWith('Z_') && !code.startsWith('ERR_ZLIB')) throw error;
      throw badInput('The gzip file is incomplete or damaged.', { cause: error });
    } finally {
      source.destroy();
    }
  }
  return { path: file, size: Number(stat.size), read: packed ? unpacked : raw };
}
