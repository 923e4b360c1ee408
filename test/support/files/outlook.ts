import { burn, type Entry } from '@kenjiuno/msgreader/lib/Burner.js';

/** Kinds of entries of a compound file. */
const [directory, document, root] = [1, 2, 5];

/** Properties of an object by their tags, texts in UTF-16; their type is part of a tag. */
type Properties = Readonly<Record<string, string | Uint8Array>>;

export interface OutlookItem {
  readonly properties: Properties;
  readonly recipients?: readonly Properties[];
  readonly attachments?: readonly Properties[];
}

/** Tags of properties in Unicode. */
export const tags = {
  messageClass: '001A001F',
  subject: '0037001F',
  body: '1000001F',
  html: '10130102',
  senderName: '0C1A001F',
  senderAddress: '0C1F001F',
  name: '3001001F',
  smtpAddress: '39FE001F',
  fileName: '3707001F',
  data: '37010102',
  company: '3A16001F',
} as const;

/** An item as Outlook saves it (MSG). */
export function outlook({ properties, recipients = [], attachments = [] }: OutlookItem): Uint8Array {
  const entries: (Entry & { readonly children: number[] })[] = [
    { name: 'Root Entry', type: root as number, length: 0, children: [] },
  ];
  const add = (parent: number, name: string, type: number, bytes: Uint8Array): number => {
    entries[parent]?.children.push(entries.length);
    entries.push({ name, type, length: bytes.length, binaryProvider: () => bytes, children: [] });
    return entries.length - 1;
  };
  const addAll = (parent: number, all: Properties, header: number): void => {
    add(parent, '__properties_version1.0', document as number, new Uint8Array(header));
    for (const [tag, value] of Object.entries(all)) {
      // The library does not heed where in a buffer its bytes begin.
      const bytes = new Uint8Array(typeof value === 'string' ? Buffer.from(value, 'utf16le') : value);
      add(parent, `__substg1.0_${tag}`, document as number, bytes);
    }
  };
  addAll(0, { [tags.messageClass]: 'IPM.Note', ...properties }, 32);
  const addFolders = (kind: string, all: readonly Properties[]): void => {
    for (const [i, one] of all.entries()) {
      const name = `__${kind}_version1.0_#${String(i).padStart(8, '0')}`;
      addAll(add(0, name, directory as number, new Uint8Array()), one, 8);
    }
  };
  addFolders('recip', recipients);
  addFolders('attach', attachments);
  return burn(entries);
}
