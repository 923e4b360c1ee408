import { parse } from 'parse5';
import { writeHtml } from './html-blocks.ts';
import { find } from './html-tree.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { coreProperties } from './office.ts';
import { createWriter } from './writer.ts';
import { openArchive } from './zip.ts';

const styles = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Subtitle'] => p:fresh",
  "p[style-name='Quote'] => blockquote > p:fresh",
  // The table of contents repeats the headings of the text.
  ...[1, 2, 3, 4].map((level) => `p[style-name='toc ${level}'] => !`),
];

/** DOCX: headings by style, paragraphs, lists, tables, footnotes and endnotes. Pictures are omitted. */
export async function loadDocx(bytes: Uint8Array, name: string): Promise<LoadedDocument> {
  const archive = await openArchive(bytes);
  if (!archive.names.includes('word/document.xml')) throw new Unreadable('damaged: no word/document.xml');
  await archive.check((part) => part.endsWith('.xml') || part.endsWith('.rels'));
  const { default: mammoth } = await import('mammoth');
  const { value: html } = await mammoth
    .convertToHtml(
      { buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
      { styleMap: styles, convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
    )
    .catch(() => {
      throw new Unreadable('damaged: not a valid DOCX');
    });
  const body = find(parse(html), 'body')[0];
  const writer = createWriter();
  if (body) writeHtml(body, writer, false);
  const { text, blocks } = writer.result();
  const { title, ...metadata } = await coreProperties(archive);
  return { title: title ?? blocks[0]?.heading[0] ?? name, text, metadata, blocks };
}
