import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { inlineSource } from '../stores/index/inline-source.ts';
import type { Library } from './types.ts';

// macOS and programs on it write "é" as two characters, most keyboards and models as one. Nobody sees the difference, so
// a document is found by either; and by `\` where Windows has shown its path so.

/** Parts of a path that are tried in both forms. */
const maxParts = 4;
/** Characters: no usual path is longer. An address of a resource may have 100,000. */
const maxLength = 4_096;

/** Other ids that look the same, or that are the same with `/` for `\`. Empty for most. */
export function spellingsOf(id: string): readonly string[] {
  const found = new Set<string>();
  if (id.length > maxLength) return [];
  for (const text of new Set([id, id.replaceAll('\\', '/')])) {
    // A folder and a file in it may come from different systems.
    let all = [''];
    let parts = 0;
    for (const part of text.split(/(?<=\/)/)) {
      const forms = new Set([part, part.normalize('NFC'), part.normalize('NFD')]);
      const used = forms.size > 1 && ++parts <= maxParts ? [...forms] : [part];
      all = all.flatMap((begin) => used.map((form) => begin + form));
    }
    // A deeper path is in one form as a whole.
    for (const one of [...all, text.normalize('NFC'), text.normalize('NFD')]) found.add(one);
  }
  found.delete(id);
  return [...found];
}

/**
 * The library, in which documents are also found by other spellings of their ids. What is there as it is written comes
 * first. It stands before what narrows a library for a caller, so that it finds nothing else.
 */
export function inAnySpelling(library: Library): Library {
  /** The first spelling with which any id begins. */
  async function spelled(id: string, call: Call, isThere: (found: string) => boolean): Promise<string> {
    const others = spellingsOf(id);
    if (others.length === 0) return id;
    for (const within of [id, ...others]) {
      const { documents } = await library
        .list({ within, limit: 1 }, call)
        .catch((error: unknown): { documents: readonly { readonly id: string }[] } => {
          // Some collections cannot be listed in part.
          if (error instanceof HydrogenError && error.code === 'bad_input') return { documents: [] };
          throw error;
        });
      // The id itself comes before those that it begins.
      if (documents.some((document) => isThere(document.id) || document.id === within)) return within;
    }
    return id;
  }

  const document = (id: string, call: Call): Promise<string> => spelled(id, call, () => false);
  const prefix = async <Request extends { readonly within?: string }>(request: Request, call: Call) => {
    const { within } = request;
    if (within === undefined) return request;
    return { ...request, within: await spelled(within, call, () => true) };
  };

  return {
    ...library,
    get: async (id, request, call) => library.get(await document(id, call), request, call),
    remove: async (id, call) => library.remove(await document(id, call), call),
    similar: async (id, request, call) =>
      library.similar(await document(id, call), await prefix(request, call), call),
    list: async (request, call) => library.list(await prefix(request, call), call),
    search: async (request, call) => library.search(await prefix(request, call), call),
    async add({ name, ...rest }, call) {
      const id = await document(`${inlineSource}/${name}`, call);
      // A name with "\" is refused, not put elsewhere.
      const known = name.includes('\\') ? name : id.slice(inlineSource.length + 1);
      return library.add({ name: known, ...rest }, call);
    },
  };
}
