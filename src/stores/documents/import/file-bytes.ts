import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badInput, HydrogenError, notSupported } from '../../../errors.ts';

/** A file that can be read more than once, unpacked where its name ends in `.gz`. */
export interface FileBytes {
  readonly path: string;
  /** As it lies on the disk. */
  readonly size: number;
  /** Its content in chunks. @throws HydrogenError `bad_input` for damaged gzip. */
  read(): AsyncIterable<Buffer>;
}

/** The first bytes of `mongodump --archive`, 0x8199e26d as little-endian. */
const archive = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
const chunkBytes = 256 * 1024;

async function firstBytes(path: string, count: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function refuseArchive(): never {
  throw notSupported(
    'An archive of mongodump (--archive)',
    'dump into a folder instead (`mongodump --out FOLDER`) and import that',
  );
}

/** @throws HydrogenError `not_found` for what is no file, `not_supported` for an archive of mongodump. */
export async function openBytes(path: string, onBytes: (count: number) => void): Promise<FileBytes> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new HydrogenError('not_found', `"${path}" is not a file that can be read.`);
  const packed = path.toLowerCase().endsWith('.gz');
  if (/\.archive(\.gz)?$/i.test(path) || (await firstBytes(path, 4)).equals(archive)) refuseArchive();

  async function* raw(): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(path, {
      highWaterMark: chunkBytes,
    }) as AsyncIterable<Buffer>) {
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
      throw badInput('The file is not whole gzip: it is damaged, or ends too early.', { cause: error });
    } finally {
      source.destroy();
    }
  }
  return { path, size: found.size, read: packed ? unpacked : raw };
}
