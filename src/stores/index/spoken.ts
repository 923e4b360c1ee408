import { languageOfText } from './analyser.ts';
import type { NewDocument } from './document-types.ts';
import type { Spoken } from './language-of.ts';
import { type Tongue, tongues } from './languages.ts';

/** Names under which front matter, pages and books say their language. */
const fields = ['lang', 'language'];
/** Characters of a document by which its language is told. */
const maxLength = 20_000;

/** The language that a document says of itself: `de`, `de-AT`. Many pages say English, whatever they are in. */
function said(metadata: NewDocument['metadata']): Tongue | undefined {
  for (const field of fields) {
    const value = metadata[field];
    if (typeof value !== 'string') continue;
    const code = value.toLowerCase().split(/[-_]/)[0];
    const found = tongues.find((one) => one === code || (code === 'nb' && one === 'no'));
    if (found !== undefined && found !== 'en') return found;
  }
  return undefined;
}

/** The languages that the passages of a document may be in: one that does not tell is in that of the others. */
export function spokenIn({
  metadata,
  chunks,
  languages,
}: Pick<NewDocument, 'metadata' | 'chunks' | 'languages'>): Spoken {
  let known: { readonly language: Tongue | undefined } | undefined;
  const only = languages !== undefined && languages.length > 0 ? languages : undefined;
  return {
    ...(only && { only }),
    usual() {
      known ??= {
        language:
          said(metadata) ??
          languageOfText(
            chunks
              .map(({ text }) => text)
              .join('\n')
              .slice(0, maxLength),
          ),
      };
      return known.language;
    },
  };
}
