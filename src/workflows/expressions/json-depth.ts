const [quote, backslash] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)];
const opening = new Set(['[', '{'].map((char) => char.charCodeAt(0)));
const closing = new Set([']', '}'].map((char) => char.charCodeAt(0)));

/** The maximum nesting depth of lists and objects in a JSON text. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === quote) {
      for (i++; i < text.length && text.charCodeAt(i) !== quote; i++) {
        if (text.charCodeAt(i) === backslash) i++;
      }
    } else if (opening.has(char)) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (closing.has(char)) depth--;
  }
  return deepest;
}
