import { anything, type CodePoints, escaped, inBothCases, posix, without } from './code-points.ts';

/** The parts of a regular expression that decide in how many ways it can match. */
export type RegexTree =
  | { readonly kind: 'one'; readonly of: CodePoints }
  /** An anchor, lookaround or backreference: may fail at its position. */
  | { readonly kind: 'condition'; readonly inner?: RegexTree }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly RegexTree[] }
  | {
      readonly kind: 'repeat';
      readonly part: RegexTree;
      readonly min: number;
      /** `Infinity` if unbounded. */
      readonly max: number;
      /** As written. */
      readonly text: string;
    };

const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7, e: 27, 0: 0 };
/** Maximum nesting of groups; deeper ones are not examined. */
const MAX_DEPTH = 100;

/**
 * Parses a pattern, as far as PCRE and JavaScript agree.
 * @returns `undefined` for an invalid pattern or one with unknown constructs
 */
export function readRegex(pattern: string, options: string): RegexTree | undefined {
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const reader = createReader(pattern, options + (inline?.[1] ?? ''), inline?.[0].length ?? 0);
  const tree = reader.choice(0);
  return reader.isAtEnd() ? tree : undefined;
}

function createReader(text: string, options: string, start: number) {
  let at = start;
  let failed = false;
  const extended = options.includes('x');
  const cased = (set: CodePoints): CodePoints => (options.includes('i') ? inBothCases(set) : set);
  const one = (set: CodePoints): RegexTree => ({ kind: 'one', of: cased(set) });

  /** Consumes the match of a sticky pattern at this position. */
  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  }

  function unknown(): RegexTree {
    failed = true;
    at = text.length;
    return { kind: 'sequence', parts: [] };
  }

  function choice(depth: number): RegexTree {
    if (depth > MAX_DEPTH) return unknown();
    const parts = [sequence(depth)];
    while (take(/\|/y)) parts.push(sequence(depth));
    return parts.length === 1 ? (parts[0] as RegexTree) : { kind: 'choice', parts };
  }

  function sequence(depth: number): RegexTree {
    const parts: RegexTree[] = [];
    while (at < text.length && text[at] !== '|' && text[at] !== ')') {
      if (take(/\(\?#[^)]*\)/y) || (extended && take(/\s+|#[^\n]*/y))) continue;
      const from = at;
      const part = atom(depth);
      parts.push(quantified(part, from));
    }
    return { kind: 'sequence', parts };
  }

  function quantified(part: RegexTree, from: number): RegexTree {
    const found = take(/([*+?])|\{(\d+)(,?)(\d*)\}/y);
    if (!found) return part;
    const [, sign, low = '', comma, high] = found;
    take(/\?/y);
    // A possessive quantifier, or a quantifier of a quantifier.
    if (/[*+?]/.test(text[at] ?? '')) return unknown();
    const min = sign === undefined ? Number(low) : sign === '+' ? 1 : 0;
    const upper = high ? Number(high) : Number.POSITIVE_INFINITY;
    const max = sign === undefined ? (comma ? upper : min) : sign === '?' ? 1 : Number.POSITIVE_INFINITY;
    return { kind: 'repeat', part, min, max, text: text.slice(from, at) };
  }

  function atom(depth: number): RegexTree {
    if (take(/[$^]/y)) return { kind: 'condition' };
    if (take(/\./y)) return one(options.includes('s') ? anything : without([[10, 10]]));
    if (text[at] === '(') return group(depth);
    if (take(/\[/y)) return one(members());
    if (take(/\\/y)) return escapeSequence();
    return one([point()]);
  }

  function group(depth: number): RegexTree {
    const [look] = take(/\(\?<?[=!]/y) ?? [];
    if (look === undefined && !take(/\((?:\?:|\?P?<\w+>|(?!\?|\*))/y)) return unknown();
    const inner = choice(depth + 1);
    if (!take(/\)/y)) return unknown();
    return look === undefined ? inner : { kind: 'condition', inner };
  }

  function escapeSequence(): RegexTree {
    const quoted = take(/Q([\s\S]*?)(?:\\E|$)/y)?.[1];
    if (quoted !== undefined) {
      return { kind: 'sequence', parts: [...quoted].map((sign) => one([pointOf(sign)])) };
    }
    if (take(/[bBAzZ1-9]\d*|k[<{]\w+[>}]/y)) return { kind: 'condition' };
    return one(escapedSet());
  }

  const pointOf = (sign: string): readonly [number, number] => {
    const code = sign.codePointAt(0) ?? 0;
    return [code, code];
  };

  function point(): readonly [number, number] {
    const sign = String.fromCodePoint(text.codePointAt(at) ?? 0);
    at += sign.length;
    return pointOf(sign);
  }

  /** After a backslash. */
  function escapedSet(): CodePoints {
    const hex = take(/x([\da-fA-F]{2})|x\{([\da-fA-F]+)\}|u([\da-fA-F]{4})/y);
    if (hex) {
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16);
      return [[code, code]];
    }
    // The characters of a property are not known here, so it may be any.
    if (take(/[pP](?:\{[^}]*\}|[A-Z])/y)) return anything;
    const letter = text[at] ?? '';
    const set = escaped[letter];
    const control = CONTROLS[letter];
    if (set === undefined && control === undefined && /[A-Za-z\d]/.test(letter)) unknown();
    if (set === undefined && control === undefined) return [point()];
    at++;
    return set ?? [[control ?? 0, control ?? 0]];
  }

  /** After the opening bracket of a class. */
  function members(): CodePoints {
    const negative = take(/\^/y) !== undefined;
    const set: (readonly [number, number])[] = [];
    for (let first = true; at < text.length && (first || text[at] !== ']'); first = false) {
      const named = take(/\[:(\^?)(\w+):\]/y);
      const known = named && posix[named[2] ?? ''];
      if (named && !known) unknown();
      if (known) set.push(...(named?.[1] ? without(known) : known));
      else set.push(...stretch());
    }
    if (!take(/\]/y)) unknown();
    return negative ? without(cased(set)) : set;
  }

  function stretch(): CodePoints {
    const low = take(/\\/y) ? member() : [point()];
    const [single] = low;
    if (low.length !== 1 || single?.[0] !== single?.[1] || !take(/-(?!\])/y)) return low;
    const [end] = take(/\\/y) ? member() : [point()];
    return [[single?.[0] ?? 0, end?.[1] ?? 0]];
  }

  /** After a backslash in a class. */
  const member = (): CodePoints => (take(/b/y) ? [[8, 8]] : escapedSet());

  return { choice, isAtEnd: () => !failed && at === text.length };
}
