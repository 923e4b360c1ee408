import { basename, extname } from 'node:path';
import binaryExtensions from 'binary-extensions';
import { documentType, readable } from './formats.ts';

/** What a person does with a file of a format that no loader reads, by its ending. */
const convertible: ReadonlyMap<string, string> = new Map([
  ['.xls', 'save it as .xlsx'],
  ['.xlsb', 'save it as .xlsx'],
  ['.doc', 'save it as .docx'],
  ['.ppt', 'save it as .pptx'],
  ['.numbers', 'export it as .xlsx'],
  ['.pages', 'export it as .docx'],
  ['.key', 'export it as .pptx'],
  ['.parquet', 'write it as CSV or JSON lines'],
]);

/** Endings that more than one program uses, of which some write text. */
const eitherWay = new Set('.dat .dot .dts .m3u .mht .pot .pps .raw .shar .slk .sub .xlt'.split(' '));

/**
 * Endings of files that are no documents. They are not opened: a folder may hold many, and a file that is only in a cloud
 * would be fetched for its first bytes.
 */
const noDocuments: ReadonlySet<string> = new Set([
  ...binaryExtensions.map((ending) => `.${ending.toLowerCase()}`).filter((ending) => !eitherWay.has(ending)),
  // Pictures, data of programs and models, disks, and what editors and downloads leave behind.
  ...(
    '.accdb .arrow .avif .avro .blend .bson .crdownload .db .db-shm .db-wal .dbf .fbx .feather .gguf .gpkg .h5 .hdf5 ' +
    '.heic .heif .idx .jxl .lock .map .mdb .npy .npz .o .obj .onnx .orc .orig .ost .ova .pack .part .pickle .pkl .pst ' +
    '.pt .pth .pyd .qcow2 .rdata .rds .rej .safetensors .sav .shp .shx .sqlite-shm .sqlite-wal .sum .svg .svgz .swo ' +
    '.swp .sys .tmp .vhdx .vmdk'
  ).split(' '),
]);

/** Names under which programs keep keys, passwords and tokens. */
const secret =
  /(^|\.)env$|^id_(rsa|dsa|ecdsa|ed25519)$|^(credentials|htpasswd|kubeconfig|_netrc)$|\.(gpg|jks|kdb|kdbx|keystore|ovpn|pem|pfx|p8|ppk|tfstate|tfvars|truststore)$/i;

/**
 * Why a file is not even opened, judging by its name, and what to do; undefined where it is of a format that is read, or
 * where its content is to tell.
 */
export function refusedByName(path: string): string | undefined {
  const name = basename(path);
  if (documentType(name) !== undefined) return undefined;
  const ending = extname(name).toLowerCase();
  const advice = convertible.get(ending);
  if (advice !== undefined) return `not a supported file type: ${advice}`;
  if (name.startsWith('.')) return 'hidden file';
  if (secret.test(name)) return 'its name is one of files with keys or passwords, which are not read';
  return noDocuments.has(ending) || ending.endsWith('~')
    ? `not a supported file type (${readable})`
    : undefined;
}
