import type { DocumentStore, Namespace } from '../../../stores/documents/document-store.ts';

/** A document collection whose documents are in the library, one each. */
export interface CollectionSource {
  /** Ids of its documents are `<name>/<_id>`. */
  readonly name: string;
  readonly connection: string;
  readonly store: DocumentStore;
  readonly namespace: Namespace;
  /** Fields whose values are indexed, in this order; dotted paths. */
  readonly fields: readonly string[];
  /** The field that gives a document its title; its `_id` where that is missing. */
  readonly title?: string;
  /** A field with the time of the last change, by which a scan tells what to read again. */
  readonly updatedAt?: string;
}

/** What came of bringing a collection's documents up to date. */
export interface SyncReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly chunks: number;
}
