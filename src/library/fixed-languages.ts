import type { Tongue } from '../stores/index/languages.ts';
import type { Catalog } from '../stores/index/types.ts';

/**
 * A catalog whose documents are in none but these languages. Their format says so, so that those that were read before
 * the setting was changed count as read by another version, and are read again.
 */
export function withLanguages(languages: readonly Tongue[], catalog: Catalog): Catalog {
  if (languages.length === 0) return catalog;
  const suffix = ` in ${[...languages].sort().join(',')}`;
  const asRead = (format: string): string =>
    format.endsWith(suffix) ? format.slice(0, -suffix.length) : `${format}, not${suffix}`;
  return {
    ...catalog,
    upsert: (documents, call) =>
      catalog.upsert(
        documents.map((document) => ({ ...document, languages, format: document.format + suffix })),
        call,
      ),
    async files(source, call) {
      const files = await catalog.files(source, call);
      return files.map((file) => ({ ...file, format: asRead(file.format) }));
    },
    async formats(call) {
      const counts: Record<string, number> = {};
      for (const [format, count] of Object.entries(await catalog.formats(call))) {
        counts[asRead(format)] = (counts[asRead(format)] ?? 0) + count;
      }
      return counts;
    },
  };
}
