import type { KeptPlace, SearchIndex } from '../../index/types.ts';
import type { StoreFile } from '../engine/store-file.ts';

const anyPending = 'SELECT 1 FROM index_chunks WHERE embedded = 0 LIMIT 1';
const anyRetired = "SELECT 1 FROM index_spaces WHERE state = 'retired'";

/** Finds a row where the places, which are in order of path, are not those. */
function otherPlaces(known: readonly KeptPlace[]): string {
  const places = known.map((place) => JSON.stringify(place)).join('');
  return `SELECT 1 WHERE '${places.replaceAll("'", "''")}' <>
    coalesce((SELECT group_concat(place, '') FROM (SELECT place FROM index_places ORDER BY path)), '')`;
}

/**
 * The search index in the one SQLite file. Words and vectors are scored on the `index` thread, which
 * keeps lengths and vectors in memory and looks at each call for what any process has changed.
 */
export function createEmbeddedIndex(file: StoreFile): SearchIndex {
  return {
    async upsert(documents, call) {
      await file.run('write', 'index.upsert', { documents }, call);
    },
    remove: (ids, call) => file.run('write', 'index.remove', { ids }, call),
    forget: (id, call) => file.run('write', 'index.forget', { id }, call),
    keywordCandidates: (query, selection, limit, call) =>
      file.run('index', 'index.keywordCandidates', { query, selection, limit }, call),
    score: (question, call) => file.run('index', 'index.score', question, call),
    // On the index thread too, so that a search alone needs no other one.
    fetch: (chunks, call) => file.run('index', 'index.fetch', { chunks }, call),
    similar: (id, selection, limit, call) =>
      file.run('index', 'index.similar', { id, selection, limit }, call),
    stats: (call) => file.run('index', 'index.stats', null, call),
    selected: (selection, call) => file.run('index', 'index.selected', { selection }, call),
    list: (request, call) => file.run('light', 'index.list', request, call),
    read: (id, from, maxBytes, call) => file.run('light', 'index.read', { id, from, maxBytes }, call),
    page: (id, page, call) => file.run('light', 'index.page', { id, page }, call),
    near: (id, call) => file.run('light', 'index.near', { id }, call),
    sources: (call) => file.run('light', 'index.sources', null, call),
    summaries: (call) => file.run('light', 'index.summaries', null, call),
    source: (root, name, call) => file.run('write', 'index.source', { root, name }, call),
    removeSource: (name, call) => file.run('write', 'index.removeSource', { name }, call),
    places: (call) => file.run('light', 'index.places', null, call),
    hasOtherPlaces: (known) => file.glance(otherPlaces(known)),
    async keepPlaces(places, call) {
      await file.run('write', 'index.keepPlaces', { places }, call);
    },
    files: (source, call) => file.run('light', 'index.files', { source }, call),
    async touch(files, call) {
      await file.run('write', 'index.touch', { files }, call);
    },
    async pending(limit, call) {
      if (!file.glance(anyPending)) return { chunks: [], total: 0 };
      return file.run('light', 'index.pending', { limit }, call);
    },
    claim: (lease, call) => file.run('write', 'index.claim', { lease }, call),
    async release(lease, call) {
      await file.run('write', 'index.release', { lease }, call);
    },
    saveVectors: (space, vectors, lease, call) =>
      file.run('write', 'index.saveVectors', { space, vectors, lease }, call),
    async build(space, call) {
      await file.run('write', 'index.build', { space }, call);
    },
    unbuilt: (after, limit, call) => file.run('light', 'index.unbuilt', { after, limit }, call),
    buildVectors: (space, vectors, lease, call) =>
      file.run('write', 'index.buildVectors', { space, vectors, lease }, call),
    async switchSpace(space, call) {
      await file.run('write', 'index.switchSpace', { space }, call);
    },
    async sweep(call) {
      return file.glance(anyRetired) && file.run('write', 'index.sweep', null, call);
    },
  };
}
