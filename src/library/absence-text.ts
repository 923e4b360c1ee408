import type { Absence } from '../stores/index/types.ts';

// What is said of documents that are kept although their folder does not hold them.

const itsDocuments = (documents: number): string =>
  documents === 1 ? 'its document' : `its ${documents.toLocaleString('en')} documents`;

const kept = (documents: number): string =>
  `${itsDocuments(documents)} ${documents === 1 ? 'was' : 'were'} kept`;

const prune =
  '`hydrogen ingest FOLDER --prune` accepts the folder as it is and removes the documents whose files are gone.';

/** For the report of an ingest. */
export function absenceNote({ why, prefix, documents }: Absence): string {
  switch (why) {
    case 'missing':
      if (!prefix.endsWith('/'))
        return `The file "${prefix}" is missing, and its folder was replaced (is its disk mounted?); its document was kept. \`hydrogen remove ${prefix}\` removes it.`;
      return `The folder "${prefix}" is missing; its documents were kept. \`hydrogen remove ${prefix}\` removes them.`;
    case 'linked':
      return `The folder "${prefix}" is reached through a link now, which is not followed; ${kept(documents)}. \`hydrogen ingest\` with where the link leads reads what is there; \`hydrogen remove ${prefix}\` removes what was kept.`;
    case 'file':
      return `At the place of the folder "${prefix}" is a file now; ${kept(documents)}. \`hydrogen remove ${prefix}\` removes them.`;
    case 'unreadable':
      return `The folder "${prefix}" cannot be read; ${kept(documents)}.`;
    case 'empty':
      return `The folder "${prefix}" is empty (is its disk mounted?); ${kept(documents)}. ${prune}`;
    case 'replaced':
      return `The folder "${prefix}" was replaced by one without the files that were read (is its disk mounted?); ${kept(documents)}, and nothing in the new one was read. ${prune}`;
    case 'unmounted':
      return `Nothing is mounted at "${prefix}" any more; ${kept(documents)}. ${prune}`;
  }
}

const states: Readonly<Record<Absence['why'], string>> = {
  missing: 'is missing',
  linked: 'is reached through a link now, which is not followed,',
  file: 'is a file now, not a folder,',
  unreadable: 'cannot be read',
  empty: 'is empty',
  replaced: 'is another folder, without its files',
  unmounted: 'is not mounted',
};

/** For health and lists: `"docs/" is empty since 2026-01-31 10:00Z; its 12 documents are kept`. */
export function absenceDetail({ why, prefix, documents, since }: Absence): string {
  const time = since === undefined ? '' : ` since ${since.slice(0, 16).replace('T', ' ')}Z`;
  const are = documents === 1 ? 'is' : 'are';
  return `"${prefix}" ${states[why]}${time}; ${itsDocuments(documents)} ${are} kept`;
}
