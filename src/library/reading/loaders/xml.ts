import { Parser } from 'saxen';
import { Unreadable } from './loader.ts';

/** An element without its namespace prefix: `p:sld` is `sld`. Attributes keep theirs. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

type Open = XmlElement & { readonly children: (XmlElement | string)[] };

/** Deepest nesting allowed, since the functions that walk the tree are recursive. */
const maxDepth = 500;

/** Different names of elements that are remembered: a format has some hundred. */
const maxNames = 1_000;

/** What is told of names without their prefix. Sheets have few names a million times. */
function byLocalName<Found>(find: (local: string) => Found): (name: string) => Found {
  const known = new Map<string, { readonly found: Found }>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before.found;
    const found = find(name.slice(name.indexOf(':') + 1));
    if (known.size < maxNames) known.set(name, { found });
    return found;
  };
}

/** Bytes of XML as text: UTF-8 unless a byte order mark says otherwise. */
export function xmlText(bytes: Uint8Array): string {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-16be';
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return new TextDecoder(isWide ? wide : 'utf-8').decode(bytes);
}

const entities: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** Text with XML's five entities and its character references, also those beyond 16 bits. All others stay as they are. */
export function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi,
    (whole: string, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** What is told of XML as it is read. Elements are named without their prefix; attributes keep theirs. */
export interface XmlHandlers {
  readonly open: (name: string, attributes: () => Readonly<Record<string, string>>) => void;
  readonly close: (name: string) => void;
  readonly text: (text: string) => void;
}

/** What is told of elements by their names without a prefix. */
export interface ElementHandlers {
  readonly open: ReadonlyMap<string, (attributes: () => Readonly<Record<string, string>>) => void>;
  readonly close: ReadonlyMap<string, () => void>;
  readonly text: (text: string) => void;
}

/** A part of the text in which it shows whether its writer puts spaces around the equals signs of attributes. */
const sampleLength = 4_000;

/** Saxen drops attributes that are written as `a = "b"`. */
function withoutSpaces(xml: string): string {
  if (!/<[^<>!?]*(?:\s=|=\s+["'])/.test(xml.slice(0, sampleLength))) return xml;
  return xml.replace(/<[^<>!?]*>/g, (tag) => tag.replace(/\s*=\s*(["'])/g, '=$1'));
}

function decodedAttributes(attributes: Record<string, string>): Readonly<Record<string, string>> {
  for (const name in attributes) {
    const value = attributes[name];
    if (value?.includes('&')) attributes[name] = decodeXml(value);
  }
  return attributes;
}

/** A parser with what every reader needs; elements are named with their prefix. */
function parse(xml: string, what: string, { open, close, text }: XmlHandlers): void {
  const hasReferences = xml.includes('&');
  let attributesOf: () => Record<string, string> = () => ({});
  const decoded = (): Readonly<Record<string, string>> => decodedAttributes(attributesOf());
  new Parser()
    .on('openTag', (name, attributes) => {
      attributesOf = attributes;
      // Without any there is nothing to look for in each attribute of a large sheet.
      open(name, hasReferences ? decoded : attributes);
    })
    .on('closeTag', close)
    .on('text', hasReferences ? (part) => text(decodeXml(part)) : text)
    .on('cdata', text)
    .on('error', () => {
      throw new Unreadable(`damaged: ${what} is not valid XML`);
    })
    .parse(withoutSpaces(xml));
}

/**
 * Reads XML that may be large, without a tree of it.
 * @throws Unreadable for text that is not XML; `what` names it
 */
export function scanXml(xml: string, what: string, { open, close, text }: XmlHandlers): void {
  const localName = byLocalName((local) => local);
  parse(xml, what, {
    open: (name, attributes) => open(localName(name), attributes),
    close: (name) => close(localName(name)),
    text,
  });
}

/**
 * Like `scanXml`, for a few elements with handlers of their own, which are looked up once a name.
 * @throws Unreadable for text that is not XML; `what` names it
 */
export function scanElements(xml: string, what: string, { open, close, text }: ElementHandlers): void {
  const opener = byLocalName((local) => open.get(local));
  const closer = byLocalName((local) => close.get(local));
  parse(xml, what, {
    open: (name, attributes) => opener(name)?.(attributes),
    close: (name) => closer(name)?.(),
    text,
  });
}

/**
 * The root element. Only XML's five predefined entities and character references are decoded: nothing else is expanded.
 * @throws Unreadable for text that is not XML; `what` names it
 */
export function parseXml(xml: string, what: string): XmlElement {
  const root: Open = { name: '', attributes: {}, children: [] };
  const open: Open[] = [root];
  const refuse = (): never => {
    throw new Unreadable(`damaged: ${what} is not valid XML`);
  };
  const add = (text: string): void => {
    open.at(-1)?.children.push(text);
  };
  scanXml(xml, what, {
    open(name, attributes) {
      const element: Open = { name, attributes: attributes(), children: [] };
      open.at(-1)?.children.push(element);
      open.push(element);
      if (open.length > maxDepth) refuse();
    },
    close() {
      open.pop();
    },
    text: add,
  });
  const [first] = root.children.filter((child) => typeof child !== 'string');
  return first ?? refuse();
}

export function childrenOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** All descendants with a name, in order; matches nested inside a match are not returned. */
export function elements(element: XmlElement, name: string): XmlElement[] {
  return childrenOf(element).flatMap((child) => (child.name === name ? [child] : elements(child, name)));
}

export function textIn(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('');
}

/** An attribute by its name without a prefix: producers choose their own. */
export function xmlAttribute({ attributes }: XmlElement, name: string): string | undefined {
  for (const key in attributes) {
    if (key === name || (key.endsWith(name) && key.at(-name.length - 1) === ':')) return attributes[key];
  }
  return undefined;
}

/** The attribute `val`, in which Office keeps a property's value. */
export const xmlValue = (element: XmlElement): string | undefined => xmlAttribute(element, 'val');

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element && childrenOf(element).find((child) => child.name === name);

/** The first descendant with a name, in order. */
export function firstOf(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    const found = child.name === name ? child : firstOf(child, name);
    if (found) return found;
  }
  return undefined;
}
