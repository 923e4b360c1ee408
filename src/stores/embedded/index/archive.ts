import type {
  ArchivedChunk,
  ArchivedDocument,
  ArchivedSpace,
  ArchivedVector,
  ChunkPlace,
} from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { vectorsOf } from './bit-pages.ts';
import { rowOf } from './documents.ts';
import { addSpace, retire, spaceIn, vectorsIn } from './spaces.ts';
import { blobOf, nextSequence } from './state.ts';
import { refreshMean } from './vectors.ts';
import { writeVectors } from './write-vectors.ts';

function chunksOf(session: Session, document: number): ArchivedChunk[] {
  const serving = spaceIn(session, 'serving');
  // Those without an id are pages (`upsertDocuments`).
  const rows = session.db
    .prepare("SELECT * FROM index_chunks WHERE document = ? AND id <> '' ORDER BY chunk")
    .all(document);
  const numbers = rows.map((row) => Number(row['chunk']));
  const vectors = new Map(
    serving ? vectorsOf(session, serving, numbers).map(({ chunk, vector }) => [chunk, vector]) : [],
  );
  return rows.map((row) => {
    const { id, heading, first_line: first, last_line: last, place, text, chunk } = row;
    const vector = vectors.get(Number(chunk));
    return {
      id: String(id),
      heading: JSON.parse(String(heading)) as string[],
      lines: [Number(first), Number(last)],
      ...(place !== null && { place: JSON.parse(String(place)) as ChunkPlace }),
      text: String(text),
      // A copy: what SQLite gave is a part of a larger buffer, which would go to the other thread as a whole.
      ...(vector && { vector: vector.slice() }),
    };
  });
}

/** Handlers of `LibraryArchive`. */
export const archiveHandlers = {
  documents(session: Session, ids: readonly string[]): ArchivedDocument[] {
    const find = session.db.prepare(
      'SELECT * FROM index_documents JOIN index_texts USING (document) WHERE id = ?',
    );
    return ids.flatMap((id): ArchivedDocument[] => {
      session.tick();
      const row = find.get(id);
      if (!row) return [];
      const { lines: _, chunks: recorded, ...document } = rowOf(row);
      const [source, path, modified, size] = [row['source'], row['path'], row['modified'], row['size']];
      return [
        {
          ...document,
          recorded,
          text: String(row['text']),
          hash: String(row['hash']),
          format: String(row['format']),
          ...(source !== null && {
            origin: {
              source: String(source),
              path: String(path),
              modified: Number(modified),
              size: Number(size),
            },
          }),
          chunks: chunksOf(session, Number(row['document'])),
        },
      ];
    });
  },

  space(session: Session): ArchivedSpace | undefined {
    const serving = spaceIn(session, 'serving');
    if (!serving || vectorsIn(session, serving) <= 0) return undefined;
    const { fingerprint, dimensions, mean, meanOf } = serving;
    return { fingerprint, dimensions, meanOf, ...(mean && { mean: mean.slice() }) };
  },

  adopt(session: Session, { fingerprint, dimensions, mean, meanOf }: ArchivedSpace): boolean {
    const serving = spaceIn(session, 'serving');
    if (serving) {
      const isEmpty = vectorsIn(session, serving) <= 0;
      if (!isEmpty || (serving.fingerprint === fingerprint && serving.meanOf === meanOf))
        return serving.fingerprint === fingerprint;
      retire(session, serving);
    }
    nextSequence(session);
    const { space } = addSpace(session, { fingerprint, dimensions }, 'serving');
    session.db
      .prepare('UPDATE index_spaces SET mean = ?, mean_of = ? WHERE space = ?')
      .run(mean ? blobOf(mean) : null, meanOf, space);
    return true;
  },

  saveVectors(session: Session, vectors: readonly ArchivedVector[]): void {
    const serving = spaceIn(session, 'serving');
    if (!serving) return;
    const lacking = session.db.prepare('SELECT chunk FROM index_chunks WHERE content = ? AND embedded = 0');
    const found = vectors.flatMap(({ content, vector }) =>
      lacking.all(Buffer.from(content, 'hex')).map((row) => ({ chunk: Number(row['chunk']), vector })),
    );
    writeVectors(session, serving, found, nextSequence(session));
  },

  settle(session: Session): void {
    refreshMean(session, nextSequence(session));
  },
};
