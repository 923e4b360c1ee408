import { createHash } from 'node:crypto';
import { remarksField } from '../../stores/index/remarks.ts';
import { chunkDocument, cutHeading, documentFormat } from './chunk.ts';
import { type ContentType, contentType } from './content-type.ts';
import { decodeText } from './decode.ts';
import { refusedByName } from './file-names.ts';
import { type DocumentType, documentType, formats } from './formats.ts';
import { importAdvice } from './import-advice.ts';
import { leftOutRemark } from './loaders/left-out.ts';
import {
  type Block,
  type LoadedDocument,
  maxText,
  type NestedReader,
  tooMuchText,
  Unreadable,
} from './loaders/loader.ts';
import { defaultMaxNumericRows, withoutNumericBulk } from './numeric-tables.ts';
import type { ParseReply, ParseRequest } from './parse-messages.ts';
import { readBytes, Unopened } from './read-bytes.ts';
import { refuseByStart, untypedContent } from './untyped-content.ts';

interface Loaded {
  readonly type: DocumentType;
  readonly loaded: LoadedDocument;
  readonly remarks: readonly string[];
}

/** How deep files may lie in one another: a message in a message with a document. */
const maxNested = 3;

function nestedReader(depth: number): NestedReader {
  return async (bytes, name) => {
    if (refusedByName(name) !== undefined || depth >= maxNested) return undefined;
    const type = documentType(name);
    const { loaded, remarks } = await load(bytes, { name, ...(type && { type }) }, depth + 1);
    return { ...loaded, remarks };
  };
}

async function load(
  bytes: Uint8Array,
  { type: expected, name }: Pick<ParseRequest, 'type' | 'name'>,
  depth = 0,
): Promise<Loaded> {
  const { type, remark }: ContentType =
    expected === undefined ? { type: await untypedContent(bytes) } : await contentType(bytes, expected);
  const format = formats[type];
  if (format.reads === 'bytes') {
    const loadBytes = await format.loader();
    const loaded = await loadBytes(bytes, name, nestedReader(depth));
    if (loaded.text.trim() === '') throw new Unreadable('contains no text');
    return { type, loaded, remarks: [...(remark === undefined ? [] : [remark]), ...(loaded.remarks ?? [])] };
  }
  // A character takes at least one byte, or two in UTF-16.
  if (bytes.length > maxText * 2) throw new Unreadable(tooMuchText(bytes.length));
  const { text, guessed, damaged } = decodeText(bytes);
  if (text.length > maxText) throw new Unreadable(tooMuchText(text.length));
  const loadText = await format.loader();
  const loaded = loadText(text, name);
  const remarks = [
    remark,
    guessed === undefined ? undefined : `encoding guessed: ${guessed}`,
    damaged === undefined
      ? undefined
      : `some of its UTF-8 is damaged (${damaged.toLocaleString('en')} bytes, shown as �)`,
    ...(loaded.remarks ?? []),
  ].filter((text) => text !== undefined);
  return { type, loaded, remarks };
}

/** A document that is a title alone, or front matter, is found by it. */
const titleBlock = ({ title, text }: LoadedDocument): Block => ({
  heading: [],
  lines: [1, text.split('\n').length],
  text: cutHeading(title),
});

/** What is said of rows that are summed up. @param name of the file */
function bulkRemark(left: number, type: DocumentType, name: string): string[] {
  const advice = importAdvice(type, name);
  return leftOutRemark(
    left,
    `row of numbers is summed up, not searched by itself${advice}`,
    `rows of numbers are summed up, not searched one by one${advice}`,
  );
}

/** Reads, decodes, parses and chunks one file or text. Never throws: the reply says why there is no document. */
export async function parseDocument(request: ParseRequest): Promise<ParseReply> {
  const { id, content, hash: known } = request;
  try {
    const look = request.type === undefined ? refuseByStart : undefined;
    const bytes = 'file' in content ? await readBytes(content, look) : new TextEncoder().encode(content.text);
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash === known) return { unchanged: true };
    const { type, loaded, remarks: found } = await load(bytes, request);
    const { title, text } = loaded;
    const { blocks, left } = withoutNumericBulk(
      loaded.blocks,
      request.maxNumericRows ?? defaultMaxNumericRows,
    );
    const remarks = [...found, ...bulkRemark(left, type, request.name)];
    const isTitleAlone = blocks.length === 0 && (text.trim() !== '' || title !== request.name);
    const metadata = remarks.length > 0 ? { ...loaded.metadata, [remarksField]: remarks } : loaded.metadata;
    const document = {
      ...{
        id,
        title: cutHeading(title),
        type,
        bytes: bytes.byteLength,
        text,
        metadata,
        hash,
        format: documentFormat,
      },
      chunks: chunkDocument(id, isTitleAlone ? [titleBlock(loaded)] : blocks),
    };
    return { document };
  } catch (error) {
    if (error instanceof Unopened) return { skipped: error.message, keep: true };
    if (error instanceof Unreadable) return { skipped: error.message, keep: false };
    const tooDeep = error instanceof RangeError;
    return { skipped: tooDeep ? 'nested too deeply' : 'could not be parsed', keep: false };
  }
}
