/** Tells whether a name is meant. */
export type Pattern = (name: string) => boolean;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A name in which `*` stands for any characters. */
export function patternOf(text: string): Pattern {
  if (!text.includes('*')) return (name) => name === text;
  const expression = new RegExp(`^${text.split('*').map(escaped).join('[^]*')}$`);
  return (name) => expression.test(name);
}

/**
 * Names of which one of the patterns is, and none that begins with "!". Where all begin with it, the rest is meant; an empty list means
 * no name, an absent one all.
 */
export function patternsOf(texts: readonly string[] | undefined, compile = patternOf): Pattern {
  if (texts === undefined) return () => true;
  const taken = texts.filter((text) => !text.startsWith('!')).map(compile);
  const left = texts.filter((text) => text.startsWith('!')).map((text) => compile(text.slice(1)));
  const isTaken = (name: string): boolean =>
    taken.length === 0 ? left.length > 0 : taken.some((matches) => matches(name));
  return (name) => isTaken(name) && !left.some((matches) => matches(name));
}
