import type { Skipped } from '../../types.ts';

/** Files that are named with remarks of one kind, and in all. */
const maxOfKind = 5;
const maxNamed = 30;

/** What remarks on other files have in common: "2 pages hold no text (3, 5)" is of one kind with "1 page holds no text". */
function kindOf(remark: string): string {
  const words = remark.replace(/\(.*\)|"[^"]*"/g, '').match(/\p{L}{2,}/gu) ?? [];
  return words.map((word) => word.toLowerCase().replace(/s$/, '')).join(' ');
}

/** A line for each remark on a file, for some files of each kind, and how many others have one. */
export function remarkNotes(remarks: readonly Skipped[]): string[] {
  const named: Skipped[] = [];
  const ofKind = new Map<string, number>();
  let more = 0;
  for (const remark of remarks) {
    const kind = kindOf(remark.reason);
    const before = ofKind.get(kind) ?? 0;
    ofKind.set(kind, before + 1);
    if (before < maxOfKind && named.length < maxNamed) named.push(remark);
    else more++;
  }
  const notes = named.map(({ path, reason }) => `${path}: ${reason}.`);
  if (more === 0) return notes;
  return [
    ...notes,
    `${more.toLocaleString('en')} more remarks of ${more === 1 ? 'this kind' : 'these kinds'}: \`hydrogen doctor\` names files with remarks.`,
  ];
}
