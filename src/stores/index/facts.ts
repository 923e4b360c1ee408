import { compileFilter, type Document, fromExtendedJson } from '../../mql/index.ts';

/** What a filter may ask about a document. */
interface DocumentFacts {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A document that was added inline has neither: both are then taken from its id. */
  readonly source: string | undefined;
  readonly path: string | undefined;
  /** As in the document's origin: its sign does not count, and 0 is unknown. */
  readonly modified: number;
  /** In ms since the epoch. */
  readonly indexedAt: number;
}

/** The values of metadata that is stored as JSON: numbers that JSON cannot hold are stored as in Extended JSON. */
export function metadataOf(json: string): Document {
  const plain = JSON.parse(json) as Document;
  if (!json.includes('"$number')) return plain;
  try {
    return fromExtendedJson(plain) as Document;
  } catch {
    // Something else that looks like it.
    return plain;
  }
}

/** The document that a filter is applied to. A document's own fields take precedence over those of its front matter. */
export function factsOf(document: DocumentFacts): Document {
  const { id, metadata, source, path } = document;
  const modified = Math.abs(document.modified);
  return {
    ...(metadata as Document),
    metadata,
    document: id,
    source: source ?? id.slice(0, id.indexOf('/')),
    path: path ?? id.slice(id.indexOf('/') + 1),
    title: document.title,
    type: document.type,
    ...(modified > 0 && { modified: new Date(modified) }),
    indexed_at: new Date(document.indexedAt),
  };
}

/**
 * Whether a document's facts match the filter of a selection, which is Extended JSON.
 * @throws HydrogenError `bad_input` or `not_supported` for an invalid or unsupported filter.
 */
export function factsFilter(filter: string): (facts: Document) => boolean {
  return compileFilter(fromExtendedJson(JSON.parse(filter)) as Document);
}
