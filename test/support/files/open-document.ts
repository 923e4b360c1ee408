import { type Part, zip } from './zip.ts';

const oasis = 'urn:oasis:names:tc:opendocument:xmlns';
const names = ['office', 'table', 'text', 'draw', 'presentation', 'style']
  .map((name) => `xmlns:${name}="${oasis}:${name}:1.0"`)
  .join(' ');

/** An OpenDocument file with a body as XML, of `text` or `presentation`. */
export function openDocument(
  kind: 'text' | 'presentation',
  body: string,
  parts: Readonly<Record<string, Part>> = {},
): Buffer {
  return zip({
    mimetype: `application/vnd.oasis.opendocument.${kind}`,
    'content.xml': `<office:document-content ${names} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:svg="${oasis}:svg-compatible:1.0"><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    ...parts,
  });
}
