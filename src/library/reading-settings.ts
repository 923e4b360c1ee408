import type { Tongue } from '../stores/index/languages.ts';
import type { Catalog } from '../stores/index/types.ts';
import { defaultMaxNumericRows } from './reading/numeric-tables.ts';

/** Settings by which the same document yields other passages or other words. */
export interface ReadingSettings {
  /** The only languages of the documents; all where there are none. */
  readonly languages: readonly Tongue[];
  /** Rows of numbers beyond which a table is summed up; 0 for no limit. */
  readonly maxNumericRows: number;
}

/**
 * A catalog whose documents are read with such settings. Their format says so, so that those that were read before a
 * setting was changed count as read by another version, and are read again.
 */
export function withReadingSettings(
  { languages, maxNumericRows }: ReadingSettings,
  catalog: Catalog,
): Catalog {
  const suffix =
    (languages.length > 0 ? ` in ${[...languages].sort().join(',')}` : '') +
    (maxNumericRows === defaultMaxNumericRows ? '' : ` rows ${maxNumericRows}`);
  if (suffix === '') return catalog;
  const asRead = (format: string): string =>
    format.endsWith(suffix) ? format.slice(0, -suffix.length) : `${format}, not${suffix}`;
  return {
    ...catalog,
    upsert: (documents, call) =>
      catalog.upsert(
        documents.map((document) => ({
          ...document,
          ...(languages.length > 0 && { languages }),
          format: document.format + suffix,
        })),
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
