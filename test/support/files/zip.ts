import { crc32, deflateRawSync } from 'node:zlib';

export type Part = string | Uint8Array;

/**
 * A ZIP archive with the given parts, deflated unless `stored`.
 * @param streamed each part's size stands behind it only, as a program writes that does not know it before
 */
export function zip(
  parts: Readonly<Record<string, Part>>,
  { stored = false, streamed = false } = {},
): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, part] of Object.entries(parts)) {
    const content = Buffer.from(part as Uint8Array);
    const path = Buffer.from(name);
    const data = stored || name === 'mimetype' ? content : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(streamed ? 0x808 : 0x800, 2);
    common.writeUInt16LE(data === content ? 0 : 8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const inFront = Buffer.from(common);
    if (streamed) inFront.fill(0, 10, 22);
    const behind = streamed ? Buffer.concat([Buffer.from('PK\u0007\u0008'), common.subarray(10, 22)]) : '';
    local.push(Buffer.from('PK\u0003\u0004'), inFront, path, data, Buffer.from(behind));
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\u0001\u0002\u0014\u0000'), common, entry, path);
    offset += 30 + path.length + data.length + behind.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(parts).length, 4);
  end.writeUInt16LE(Object.keys(parts).length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\u0005\u0006'), end]);
}
