import { readFile } from 'node:fs/promises';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import type { Lack } from './words.ts';
import { without } from './words.ts';

type Node = DefaultTreeAdapterMap['node'];

/** A refusal that nobody could read on from: what the other finds without the password is nothing of the text. */
export const isLocked = (reason: string): boolean => /password|encrypted/.test(reason);

/** The text of what leads elsewhere in a page: `nav` elements and links. */
function linkText(node: Node, isLink = false): string {
  if (node.nodeName === '#text') return isLink && 'value' in node ? node.value : '';
  if (!('childNodes' in node)) return '';
  const inLink = isLink || node.nodeName === 'a' || node.nodeName === 'nav';
  return node.childNodes.map((child) => linkText(child, inLink)).join(' ');
}

/** What is lacking and no remark accounts for: menus that are left out, as a remark says, hold words of links. */
export async function unexplained(lack: Lack, file: string, remarks: readonly string[]): Promise<Lack> {
  const hasMenus = remarks.some((remark) => remark.includes('navigation menu'));
  return hasMenus ? without(lack, linkText(parse(await readFile(file, 'utf8')))) : lack;
}
