import { sep } from 'node:path';
import type { Source } from './document-types.ts';

/** Of some tracked paths those in a source: those that are not in another source with a nearer root. */
export function pathsOfSource(
  paths: readonly string[],
  name: string,
  sources: readonly Source[],
): readonly string[] {
  return paths.filter((path) => {
    let nearest = { name: '', root: '' };
    for (const source of sources) {
      const { root } = source;
      const isAbove = path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
      if (isAbove && root.length > nearest.root.length) nearest = source;
    }
    return nearest.name === name;
  });
}
