import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import { inlineSource } from '../stores/index/inline-source.ts';
import type { Catalog, DocumentRow } from '../stores/index/types.ts';
import { withNormalDates } from './reading/loaders/dates.ts';
import type { Parser } from './reading/parser.ts';
import type { InlineDocument } from './types.ts';

const maxNameLength = 200;

function checkName(name: string): void {
  const odd = /[\p{Cc}\\]/u.test(name) || name.split('/').some((part) => /^\.{0,2}$/.test(part.trim()));
  if (odd || name.length > maxNameLength) {
    throw badInput(
      `"${name.slice(0, maxNameLength)}" is not a valid document name: use up to ${maxNameLength} characters like "notes/2026-03 safety", without empty or dotted parts.`,
    );
  }
}

/**
 * Adds a document that has no file; the same name replaces it.
 * @throws HydrogenError `bad_input` for an invalid name or text
 */
export async function addInline(
  { name, title, text, type, metadata }: InlineDocument,
  { catalog, parser }: { readonly catalog: Catalog; readonly parser: Parser },
  call: Call,
): Promise<DocumentRow> {
  checkName(name);
  const id = `${inlineSource}/${name}`;
  const reply = await parser.parse({ id, name, type, content: { text } }, call);
  if (!('document' in reply)) {
    throw badInput(`The text of "${name}" cannot be added: ${'skipped' in reply ? reply.skipped : ''}.`);
  }
  const { document } = reply;
  await catalog.upsert(
    [
      {
        ...document,
        title: title ?? document.title,
        metadata: { ...document.metadata, ...(withNormalDates(metadata) as object) },
      },
    ],
    call,
  );
  const found = await catalog.read(id, 1, 0, call);
  if (!found) throw badInput(`"${name}" was removed while being added.`);
  return found.row;
}
