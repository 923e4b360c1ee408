import { HydrogenError } from '../../../errors.ts';
import type { DocumentArchive } from '../../index/types.ts';
import type { MongoStore } from '../client.ts';
import { type CatalogRow, catalogIndexes, partId, type TextPiece } from './collections.ts';
import { rowOf } from './rows.ts';
import { createUse, longMs } from './session.ts';

function textOf({ _id: id, version, starts }: CatalogRow, parts: readonly TextPiece[]): string {
  const own = new Map(parts.filter((part) => part.version === version).map(({ _id, text }) => [_id, text]));
  if (own.size < starts.length) {
    throw new HydrogenError(
      'unavailable',
      `The text of "${id}" is not complete in the catalog, or is just being written. Stop the servers and try again; if that does not help, remove the document and add it again.`,
    );
  }
  return starts.map((_, part) => own.get(partId(version, part)) ?? '').join('');
}

/** The documents of the catalog as they are. */
export function createMongoDocumentArchive(store: Pick<MongoStore, 'area'>): DocumentArchive {
  const use = createUse(store.area(catalogIndexes));
  return {
    async documents(ids, call) {
      const rows = await use(
        call,
        ({ documents, options }) => documents.find({ _id: { $in: [...ids] } }, options()).toArray(),
        { timeoutMs: longMs },
      );
      const versions = rows.map(({ version }) => version);
      const parts = await use(
        call,
        ({ texts, options }) => texts.find({ version: { $in: versions } }, options()).toArray(),
        { timeoutMs: longMs },
      );
      return rows.map((row) => {
        const { lines: _, chunks: recorded, ...document } = rowOf(row);
        const { hash, format, source, path, modified, size } = row;
        return {
          ...document,
          ...{ recorded, hash, format, text: textOf(row, parts) },
          ...(source !== null && { origin: { source, path: path ?? '', modified, size } }),
        };
      });
    },
  };
}
