// A Windows library that has one function, which is another library's: enough for programs that name a library which
// Wine's version lacks. The form is that of the PE specification ("PE Format", Microsoft): headers, and one section with
// an export table. An exported address inside that table is not code, but the text "library.function" to go to.

const fileAlignment = 0x200;
const sectionAlignment = 0x1000;
/** Where the section lies once it is loaded, relative to the library. */
const sectionAddress = sectionAlignment;
const optionalHeaderSize = 240;

/** The export table with its texts; addresses are relative to the library. */
function exportTable(library: string, name: string, target: string): Buffer {
  const texts = [library, name, target].map((text) => Buffer.from(`${text}\0`, 'latin1'));
  const addresses = 40;
  const names = addresses + 4;
  const ordinals = names + 4;
  let at = ordinals + 4;
  const [libraryAt, nameAt, targetAt] = texts.map((text) => {
    const here = at;
    at += text.length;
    return sectionAddress + here;
  }) as [number, number, number];
  const table = Buffer.alloc(ordinals + 4);
  table.writeUInt32LE(libraryAt, 12);
  table.writeUInt32LE(1, 16); // the first ordinal
  table.writeUInt32LE(1, 20); // addresses
  table.writeUInt32LE(1, 24); // names
  table.writeUInt32LE(sectionAddress + addresses, 28);
  table.writeUInt32LE(sectionAddress + names, 32);
  table.writeUInt32LE(sectionAddress + ordinals, 36);
  table.writeUInt32LE(targetAt, addresses);
  table.writeUInt32LE(nameAt, names);
  return Buffer.concat([table, ...texts]);
}

function headers(tableSize: number): Buffer {
  const header = Buffer.alloc(fileAlignment);
  header.write('MZ', 0, 'latin1');
  const pe = 0x40;
  header.writeUInt32LE(pe, 0x3c);
  header.write('PE\0\0', pe, 'latin1');
  const coff = pe + 4;
  header.writeUInt16LE(0x8664, coff); // x64
  header.writeUInt16LE(1, coff + 2); // sections
  header.writeUInt16LE(optionalHeaderSize, coff + 16);
  header.writeUInt16LE(0x2022, coff + 18); // a library, runs, large addresses
  const optional = coff + 20;
  header.writeUInt16LE(0x20b, optional); // 64 bits
  header.writeUInt32LE(fileAlignment, optional + 8); // initialised data
  header.writeBigUInt64LE(0x1_8000_0000n, optional + 24); // where it would like to be
  header.writeUInt32LE(sectionAlignment, optional + 32);
  header.writeUInt32LE(fileAlignment, optional + 36);
  header.writeUInt16LE(6, optional + 40); // operating system
  header.writeUInt16LE(6, optional + 48); // subsystem
  header.writeUInt32LE(sectionAddress + sectionAlignment, optional + 56); // loaded size
  header.writeUInt32LE(fileAlignment, optional + 60); // headers
  header.writeUInt16LE(3, optional + 68); // console
  header.writeUInt16LE(0x160, optional + 70); // may lie anywhere, holds no code
  header.writeUInt32LE(16, optional + 108); // directories
  header.writeUInt32LE(sectionAddress, optional + 112);
  header.writeUInt32LE(tableSize, optional + 116);
  const section = optional + optionalHeaderSize;
  header.write('.rdata', section, 'latin1');
  header.writeUInt32LE(tableSize, section + 8);
  header.writeUInt32LE(sectionAddress, section + 12);
  header.writeUInt32LE(fileAlignment, section + 16);
  header.writeUInt32LE(fileAlignment, section + 20);
  header.writeUInt32LE(0x4000_0040, section + 36); // readable, initialised data
  return header;
}

/**
 * The bytes of a library for Windows on x64.
 * @param target `library.function`, the first without `.dll`
 */
export function forwardingLibrary(library: string, name: string, target: string): Buffer {
  const table = exportTable(library, name, target);
  return Buffer.concat([headers(table.length), table], fileAlignment * 2);
}
