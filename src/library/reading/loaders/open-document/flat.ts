import { xmlText } from '../xml.ts';
import { type Archive, openArchive } from '../zip.ts';
import { isFlatOpenDocument } from './is-flat.ts';

/** What begins and ends an element, with the prefix that writers choose. */
interface Tags {
  readonly begin: string;
  readonly end: string;
}

const tagsOf = (name: string): Tags => ({ begin: `<${name}`, end: `</${name}>` });

/** A text without some elements; `take` is told each, and gives what stands in its place. They are not in one another. */
function replaced(xml: string, { begin, end }: Tags, take: (element: string) => string): string {
  const parts: string[] = [];
  let at = 0;
  for (let from = xml.indexOf(begin); from >= 0; from = xml.indexOf(begin, at)) {
    const isWhole = /[\s>]/.test(xml[from + begin.length] ?? '');
    const close = isWhole ? xml.indexOf(end, from) : -1;
    const next = isWhole ? close + end.length : from + begin.length;
    if (isWhole && close < 0) break;
    parts.push(xml.slice(at, from), isWhole ? take(xml.slice(from, next)) : xml.slice(from, next));
    at = next;
  }
  return [...parts, xml.slice(at)].join('');
}

const pictures = tagsOf('office:binary-data');
const objects = tagsOf('draw:object');

/** What an archive would have as parts. Pictures are left out, whose bytes are written as text. */
function flatParts(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const encoder = new TextEncoder();
  const parts = new Map<string, Uint8Array>();
  const xml = replaced(xmlText(bytes), pictures, () => '');
  const content = replaced(xml, objects, (object) => {
    const inner = object.slice(object.indexOf('>') + 1, -objects.end.length);
    const name = `Object ${parts.size + 1}`;
    if (inner.trim() === '') return object;
    parts.set(`${name}/content.xml`, encoder.encode(inner));
    return `<draw:object xlink:href="./${name}"/>`;
  });
  const whole = encoder.encode(content);
  for (const name of ['content.xml', 'styles.xml', 'meta.xml']) parts.set(name, whole);
  return parts;
}

/** The parts of an OpenDocument, be it an archive or flat. */
export async function openOpenDocument(bytes: Uint8Array): Promise<Archive> {
  if (!isFlatOpenDocument(bytes)) return openArchive(bytes);
  const parts = flatParts(bytes);
  return {
    names: [...parts.keys()],
    read: async (name) => parts.get(name),
    check: async () => {},
  };
}
