import { realpath, statfs } from 'node:fs/promises';

/** Where a data directory is. */
export interface Place {
  readonly path: string;
  readonly platform: NodeJS.Platform;
  /** What Linux calls its file system (`f_type` of statfs); 0 where that is not known. */
  readonly fileSystem: number;
}

/** From linux/magic.h, and of VirtualBox and Ceph from their sources. FUSE is what sshfs, rclone and their like are. */
const networks: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x786f4256, 'a folder that VirtualBox shares'],
  [0x65735546, 'FUSE'],
]);
/** Also what containers have for their own disks. */
const plan9 = 0x01021997;

/** Names of folders that programs keep the same on several computers. */
const synced =
  /^(OneDrive( - .*)?|Dropbox( \(.*\))?|Google ?Drive|My Drive|iCloud ?Drive|Mobile Documents|CloudStorage|Nextcloud|ownCloud|pCloud ?Drive)$/i;

const elsewhere = 'Set another with HYDROGEN_DATA_DIR, on a disk of this computer.';

/** Why a store may be damaged or locked at a place, and what to do; undefined where nothing is known against it. */
export function riskOf({ path, platform, fileSystem }: Place): string | undefined {
  const folder = path.split(/[\\/]/).find((name) => synced.test(name));
  if (folder !== undefined) {
    return `The data directory is in "${folder}", which looks like a folder that a program keeps the same on several computers: it copies the store in the middle of a write, and locks it. ${elsewhere}`;
  }
  const network =
    platform === 'win32' && /^[\\/]{2}(?![?.][\\/])/.test(path)
      ? 'a network share'
      : networks.get(fileSystem);
  if (network !== undefined) {
    return `The data directory is on a file system (${network}) that other computers may change too: its locks do not hold everywhere, and the store may be damaged. ${elsewhere}`;
  }
  if (platform === 'linux' && fileSystem === plan9 && /^\/mnt\/[a-z](\/|$)/i.test(path)) {
    return `The data directory is on a disk of Windows, as WSL shows it, which is slow and whose locks do not hold. ${elsewhere}`;
  }
  return undefined;
}

/** As `riskOf`, of a directory that exists. */
export async function riskAt(directory: string): Promise<string | undefined> {
  try {
    const [path, { type }] = await Promise.all([realpath(directory), statfs(directory)]);
    const fileSystem = process.platform === 'linux' ? type : 0;
    return riskOf({ path, platform: process.platform, fileSystem });
  } catch {
    // What is wrong with it is told by whoever uses it.
    return undefined;
  }
}
