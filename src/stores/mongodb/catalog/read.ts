import { HydrogenError } from '../../../errors.ts';
import { similarNames } from '../../../similar-names.ts';
import { remarksField } from '../../index/remarks.ts';
import type { Catalog, DocumentSlice, FileRecord } from '../../index/types.ts';
import { partId } from './collections.ts';
import { linesOfPage, rowFields, rowOf } from './rows.ts';
import { longMs, type Use } from './session.ts';
import { readLines } from './texts.ts';

/** How many ids are compared to find similar ones. */
const maxSampledIds = 20_000;
/** Files that are asked for at a time. */
const filesAtATime = 10_000;
/** How often a document is read again since it was replaced meanwhile. */
const maxAttempts = 10;

/** A text has been replaced since its row was read. */
const replaced = Symbol('replaced');

type Reads = Pick<Catalog, 'list' | 'remarked' | 'read' | 'page' | 'similarIds' | 'files'>;

export function createDocumentReads(use: Use): Reads {
  async function readOnce(
    ...[id, from, maxBytes, call]: Parameters<Catalog['read']>
  ): Promise<DocumentSlice | undefined | typeof replaced> {
    const row = await use(call, ({ documents, options }) =>
      documents.findOne({ _id: id }, { ...options(), projection: { ...rowFields, version: 1, starts: 1 } }),
    );
    if (!row) return undefined;
    let isWhole = true;
    const load = async (parts: readonly number[]): Promise<readonly string[]> => {
      const ids = parts.map((part) => partId(row.version, part));
      const found = await use(call, ({ texts, options }) =>
        texts.find({ _id: { $in: ids } }, options()).toArray(),
      );
      isWhole &&= found.length === ids.length;
      const byId = new Map(found.map(({ _id, text }) => [_id, text]));
      return ids.map((part) => byId.get(part) ?? '');
    };
    const found = await readLines(from, maxBytes, row, load);
    return isWhole ? { row: rowOf(row), from, ...found } : replaced;
  }

  return {
    list: ({ within = '', after, limit }, call) =>
      use(
        call,
        async ({ documents, options }) => {
          const range = { $gte: within, ...(within !== '' && { $lt: `${within}\u{10ffff}` }) };
          const filter = { _id: { ...range, ...(after !== undefined && { $gt: after }) } };
          const [rows, total] = await Promise.all([
            documents
              .find(filter, { ...options(), projection: rowFields, sort: { _id: 1 }, limit })
              .toArray(),
            documents.countDocuments({ _id: range }, options()),
          ]);
          return { documents: rows.map(rowOf), total };
        },
        { timeoutMs: longMs },
      ),
    remarked: (limit, call) =>
      use(
        call,
        async ({ documents, options }) => {
          // In a text, a quotation mark has a backslash before it.
          const filter = { metadata: { $regex: `"${remarksField}":` } };
          const [rows, total] = await Promise.all([
            documents
              .find(filter, { ...options(), projection: rowFields, sort: { _id: 1 }, limit })
              .toArray(),
            documents.countDocuments(filter, options()),
          ]);
          return { documents: rows.map(rowOf), total };
        },
        { timeoutMs: longMs },
      ),
    async read(...request) {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const found = await readOnce(...request);
        if (found !== replaced) return found;
      }
      const [id] = request;
      throw new HydrogenError(
        'unavailable',
        `The text of "${id}" is not complete in the catalog. Try again; if that does not help, remove the document and add it again.`,
      );
    },
    page: (id, page, call) =>
      use(call, async ({ documents, options }) => {
        const row = await documents.findOne({ _id: id }, { ...options(), projection: { pages: 1 } });
        return row ? linesOfPage(row.pages, page) : undefined;
      }),
    similarIds: (id, call) =>
      use(call, async ({ documents, options }) => {
        const sample = { projection: { _id: 1 }, sort: { _id: 1 }, limit: maxSampledIds } as const;
        const rows = await documents.find({}, { ...options(), ...sample }).toArray();
        return similarNames(
          id,
          rows.map(({ _id }) => _id),
        );
      }),
    async files(source, call) {
      const files: FileRecord[] = [];
      for (let after: string | undefined; ; after = files.at(-1)?.id) {
        const rows = await use(call, ({ documents, options }) =>
          documents
            .find(
              { source, ...(after !== undefined && { _id: { $gt: after } }) },
              {
                ...options(),
                projection: { path: 1, modified: 1, size: 1, hash: 1, format: 1 },
                sort: { _id: 1 },
                limit: filesAtATime,
              },
            )
            .toArray(),
        );
        files.push(...rows.map(({ _id, path, ...file }) => ({ id: _id, path: path ?? '', ...file })));
        if (rows.length < filesAtATime) return files;
      }
    },
  };
}
