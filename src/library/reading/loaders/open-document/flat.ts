import { xmlText } from '../xml.ts';
import { type Archive, openArchive } from '../zip.ts';
import { isFlatOpenDocument } from './is-flat.ts';

/** What begins and ends an element, with the prefix that writers choose. */
interface Tags {
  readonly begin: string;
  readonly end: string;
}

const tagsOf = (name: string): Tags => ({ begin: `<${name}`, end: `</${name}>` });

const isBegun = (xml: string, at: number, { begin }: Tags): boolean =>
  /[\s>]/.test(xml[at + begin.length] ?? '');

/** The index behind the end of the element that begins at an index, with those of its name in it; -1 where it has none. */
function endOf(xml: string, from: number, tags: Tags): number {
  let open = 0;
  let at = from;
  for (;;) {
    const [begin, end] = [xml.indexOf(tags.begin, at), xml.indexOf(tags.end, at)];
    if (end < 0) return -1;
    if (begin >= 0 && begin < end) {
      if (isBegun(xml, begin, tags)) open++;
      at = begin + tags.begin.length;
    } else {
      at = end + tags.end.length;
      if (--open <= 0) return at;
    }
  }
}

/** A text without some elements; `take` is told each, and gives what stands in its place. */
function replaced(xml: string, tags: Tags, take: (element: string) => string): string {
  const parts: string[] = [];
  let at = 0;
  for (let from = xml.indexOf(tags.begin); from >= 0; from = xml.indexOf(tags.begin, at)) {
    const isElement = isBegun(xml, from, tags);
    const end = isElement ? endOf(xml, from, tags) : from + tags.begin.length;
    if (end < 0) break;
    const found = xml.slice(from, end);
    parts.push(xml.slice(at, from), isElement ? take(found) : found);
    at = end;
  }
  return [...parts, xml.slice(at)].join('');
}

const pictures = tagsOf('office:binary-data');
const objects = tagsOf('draw:object');
const properties = tagsOf('office:meta');

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
  for (const name of ['content.xml', 'styles.xml']) parts.set(name, whole);
  replaced(content, properties, (element) => {
    parts.set('meta.xml', encoder.encode(`<office:document-meta>${element}</office:document-meta>`));
    return '';
  });
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
