import nodePath, { type PlatformPath } from 'node:path';

// What can be said of a path by its text, before the file system is asked: on Windows, asking is what makes the machine
// log in to a host that the path names. The rules of a system are those of its `path` module, which every function takes:
// that of this system where none is given.

/**
 * The path below a root, with `/`; '' for the root itself, undefined outside. Both are real paths or both are as somebody
 * wrote them. Letters are compared as they are: two folders of NTFS may differ in case only.
 */
export function below(root: string, path: string, system: PlatformPath = nodePath): string | undefined {
  const rest = system.relative(root, path);
  if (rest === '') return system.resolve(root) === system.resolve(path) ? '' : undefined;
  const isOutside = rest === '..' || rest.startsWith(`..${system.sep}`) || system.isAbsolute(rest);
  // `relative` of Windows ignores case.
  if (isOutside || system.resolve(root, rest) !== system.resolve(path)) return undefined;
  return rest.replaceAll(system.sep, '/');
}

/** Characters of no letter of their own, which some file systems ignore in names (HFS+, ext4 with `casefold`). */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A spelling that is the same for all that any file system takes for one name: without case and Unicode form. Also some
 * names become equal that a file system tells apart ("ß" and "ss").
 */
export function folded(name: string): string {
  return name
    .normalize('NFD')
    .replace(ignorable, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFC');
}

/** `\\host\share`, `//host/share`, `\\?\C:\a`, `\\.\NUL`, and the kernel's own `\??\C:\a`. */
const networkOrDevice = /^([\\/]{2}|[\\/]\?\?[\\/])/;

/** Whether a path names a host or a device, on Windows or on any system that a client could mean. */
export function namesHostOrDevice(path: string): boolean {
  return networkOrDevice.test(path);
}

/** Whether a path is below a folder by its text, in whatever case, form and with whatever slashes. */
export function isBelowInText(folder: string, path: string, system: PlatformPath = nodePath): boolean {
  const plain = (text: string): string => folded(system.resolve(text));
  return below(plain(folder), plain(path), system) !== undefined;
}

/**
 * Device names of Windows, with or without an extension. Superscript digits count as digits.
 * Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const device = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|:|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const control = /[\u0000-\u001f\u007f-\u009f]/;
const special = /[<>:"|?*]/;

/** Why a name of a file or folder is not one on every system. Undefined if it is. */
function nameFault(name: string): string | undefined {
  if (control.test(name)) return 'it has a control character';
  if (special.test(name)) return 'Windows does not allow any of < > : " | ? *';
  if (device.test(name)) return 'Windows has a device of that name';
  return /[. ]$/.test(name) && !/^\.{1,2}$/.test(name)
    ? 'Windows drops a dot or space at the end of a name'
    : undefined;
}

/**
 * Why a path of a file that is to be written is not one on every system, or leads elsewhere on one: a folder that is
 * written on Linux is copied to Windows, and there `a.csv:b` is a hidden part of `a.csv`, and `NUL.csv` a device.
 * @param path relative
 */
export function newNameFault(path: string): string | undefined {
  for (const name of path.split(/[\\/]/)) {
    const fault = nameFault(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Why a path that a caller names cannot be one of an existing file of this system. On Windows that is what
 * `newNameFault` says. Elsewhere `What?.md` and `a:b.md` are names like any other, and a folder of such files is read.
 */
export function existingNameFault(path: string, system: PlatformPath = nodePath): string | undefined {
  if (path.includes('\0')) return 'it has a control character';
  if (system.sep !== '\\') return undefined;
  const { root } = system.parse(path);
  // `C:a` is relative to wherever the process stands on that drive.
  if (/^[a-z]:$/i.test(root)) return 'it starts with a drive but without a "\\" after it';
  return newNameFault(path.slice(root.length));
}
