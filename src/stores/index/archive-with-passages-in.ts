import type { DocumentArchive, LibraryArchive, PassageArchive } from './archive.ts';
import { createPassageMarks } from './passage-marks.ts';

/**
 * The archive of a library whose passages are in another store than its documents.
 * @param place as of `withPassagesIn`
 */
export function archiveWithPassagesIn(
  passages: PassageArchive,
  place: string,
  documents: DocumentArchive,
): LibraryArchive {
  const marks = createPassageMarks(place);
  const { passages: passagesOf, ...vectors } = passages;
  return {
    ...vectors,
    async documents(ids, call) {
      if (ids.length === 0) return [];
      const [rows, chunks] = await Promise.all([documents.documents(ids, call), passagesOf(ids, call)]);
      return rows.map((row) => ({
        ...row,
        format: marks.read(row.format).format,
        chunks: chunks.get(row.id) ?? [],
      }));
    },
  };
}
