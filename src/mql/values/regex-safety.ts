import { type CodePoints, meet } from './code-points.ts';
import { longChain } from './regex-chain.ts';
import { type RegexTree, readRegex } from './regex-tree.ts';

// A backtracking engine needs exponential time if a text leads from a position of the pattern back to the same
// position in two ways, and what follows can fail. This is decided on the pattern's position automaton (Glushkov),
// with the number of ways of each step, and its product with itself (Weber and Seidl, "On the degree of ambiguity
// of finite automata", 1991, criterion EDA). A repetition after which nothing can fail never backtracks, so it
// counts as made once.

/** Maximum positions of an automaton; a larger pattern is not judged. */
const MAX_PLACES = 120;
/** A count beyond this is treated as unlimited, since that many ways are just as bad. */
const MANY = 10;
/** Maximum copies of a part that is repeated a fixed number of times. */
const MAX_COPIES = 8;

/** The number of ways; more than one are all the same. */
type Ways = 0 | 1 | 2;
const ways = (count: number): Ways => (count > 1 ? 2 : count === 1 ? 1 : 0);
type Places = ReadonlyMap<number, Ways>;

interface Automaton {
  readonly sets: CodePoints[];
  /** The ways from a position to the next ones. */
  readonly steps: Map<number, Ways>[];
  /** The outermost repetition that contains a position, as written. */
  readonly within: string[];
}

/** A part of the automaton. */
interface Fragment {
  readonly first: Places;
  readonly last: Places;
  /** The ways to match the empty text; conditions do not count. */
  readonly empty: Ways;
  /** The empty text always matches. */
  readonly passes: boolean;
}

const nothing: Fragment = { first: new Map(), last: new Map(), empty: 1, passes: true };
const blocked: Fragment = { ...nothing, empty: 0, passes: false };

/** Thrown and caught here: the pattern is too large to judge. */
class TooLarge extends Error {}

function sum(a: Places, b: Places, factor: Ways): Places {
  if (factor === 0) return a;
  const all = new Map(a);
  for (const [place, count] of b) all.set(place, ways((all.get(place) ?? 0) + count * factor));
  return all;
}

function connect({ steps }: Automaton, from: Places, to: Places): void {
  for (const [place, before] of from) {
    for (const [next, behind] of to) {
      const known = steps[place]?.get(next) ?? 0;
      steps[place]?.set(next, ways(known + before * behind));
    }
  }
}

function joined(automaton: Automaton, a: Fragment, b: Fragment): Fragment {
  connect(automaton, a.last, b.first);
  return {
    first: sum(a.first, b.first, a.empty),
    last: sum(b.last, a.last, b.empty),
    empty: ways(a.empty * b.empty),
    passes: a.passes && b.passes,
  };
}

const either = (a: Fragment, b: Fragment): Fragment => ({
  first: sum(a.first, b.first, 1),
  last: sum(a.last, b.last, 1),
  empty: ways(a.empty + b.empty),
  passes: a.passes || b.passes,
});

/** Empty iterations are not made, so that there is one way to match the empty text. */
const optional = (part: Fragment): Fragment => ({ ...part, empty: 1, passes: true });

type Repeat = RegexTree & { kind: 'repeat' };

function isLoop(tree: RegexTree): boolean {
  if (tree.kind === 'repeat') return tree.max > MANY || isLoop(tree.part);
  return (tree.kind === 'sequence' || tree.kind === 'choice') && tree.parts.some(isLoop);
}

/** The context of a part. */
interface Place {
  /** The outermost repetition that contains it, as written. */
  readonly within: string;
  /** Nothing that follows it can fail. */
  readonly ends: boolean;
}

function repeated(automaton: Automaton, { part, min, max, text }: Repeat, place: Place): Fragment {
  const within = place.within || text;
  const copy = (ends: boolean): Fragment => fragment(automaton, part, { within, ends });
  if (max === 0) return nothing;
  const fixed = min === max && !(max >= MANY && isLoop(part));
  if (!fixed && max >= MANY) {
    // It can fail until there are enough iterations.
    const ends = place.ends && min < MANY;
    const body = copy(ends);
    if (!ends) connect(automaton, body.last, body.first);
    return min === 0 ? optional(body) : body;
  }
  let rest: Fragment = nothing;
  for (let more = max - min; more > 0; more--) {
    rest = optional(joined(automaton, copy(place.ends), rest));
  }
  for (let copies = Math.min(min, MAX_COPIES); copies > 0; copies--) {
    rest = joined(automaton, copy(place.ends && rest.passes), rest);
  }
  return rest;
}

function fragment(automaton: Automaton, tree: RegexTree, place: Place): Fragment {
  switch (tree.kind) {
    case 'condition':
      return blocked;
    case 'sequence':
      return tree.parts.reduceRight((rest: Fragment, part) => {
        const ends = place.ends && rest.passes;
        return joined(automaton, fragment(automaton, part, { ...place, ends }), rest);
      }, nothing);
    case 'choice':
      return tree.parts.map((part) => fragment(automaton, part, place)).reduce(either);
    case 'repeat':
      return repeated(automaton, tree, place);
    case 'one': {
      const at = automaton.sets.push(tree.of) - 1;
      if (at >= MAX_PLACES) throw new TooLarge();
      automaton.steps.push(new Map());
      automaton.within.push(place.within);
      const only = new Map([[at, 1 as const]]);
      return { first: only, last: only, empty: 0, passes: false };
    }
  }
}

/** The positions reachable from one in a graph. */
function reachable(from: number, next: (place: number) => Iterable<number>): Set<number> {
  const found = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const to of next(at)) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

/** The automaton's product with itself: pairs of positions that the same text leads to, and steps between them. */
interface Product {
  readonly forward: number[][];
  readonly backward: number[][];
}

/** A pair `(a, b)` is `a * size + b`. */
function productOf({ sets, steps }: Automaton): Product {
  const size = sets.length;
  const meeting = sets.map((a) => sets.map((b) => meet(a, b)));
  const forward: number[][] = Array.from({ length: size * size }, () => []);
  const backward: number[][] = Array.from({ length: size * size }, () => []);
  const link = (from: number, to: number): void => {
    forward[from]?.push(to);
    backward[to]?.push(from);
  };
  const linkSteps = (a: number, b: number): void => {
    for (const x of steps[a]?.keys() ?? []) {
      for (const y of steps[b]?.keys() ?? []) if (meeting[x]?.[y]) link(a * size + b, x * size + y);
    }
  };
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) if (a === b || meeting[a]?.[b]) linkSteps(a, b);
  }
  return { forward, backward };
}

/** Whether a text leads from a position back to itself in two ways. */
function isAmbiguous(place: number, { sets, steps }: Automaton, { forward, backward }: Product): boolean {
  const size = sets.length;
  const own = place * size + place;
  const there = reachable(own, (pair) => forward[pair] ?? []);
  if (!there.has(own)) return false;
  const back = reachable(own, (pair) => backward[pair] ?? []);
  const hasTwoWays = (at: number): boolean =>
    [...(steps[at] ?? [])].some(([next, count]) => count > 1 && back.has(next * size + next));
  for (const pair of there) {
    const [a, b] = [Math.floor(pair / size), pair % size];
    if (back.has(pair) && (a !== b || hasTwoWays(a))) return true;
  }
  return false;
}

/** A position that a text leads back to in two ways. */
function ambiguous(automaton: Automaton): number | undefined {
  const product = productOf(automaton);
  const place = automaton.sets.findIndex((_, at) => isAmbiguous(at, automaton, product));
  return place < 0 ? undefined : place;
}

/** The trees of lookarounds, which are matched separately. */
function* conditions(tree: RegexTree): Generator<RegexTree> {
  if (tree.kind === 'condition' && tree.inner) {
    yield tree.inner;
    yield* conditions(tree.inner);
  }
  if (tree.kind === 'repeat') yield* conditions(tree.part);
  if (tree.kind === 'sequence' || tree.kind === 'choice')
    for (const part of tree.parts) yield* conditions(part);
}

function endlessPart(tree: RegexTree): string | undefined {
  const automaton: Automaton = { sets: [], steps: [], within: [] };
  fragment(automaton, tree, { within: '', ends: true });
  const place = ambiguous(automaton);
  return place === undefined ? undefined : automaton.within[place];
}

/**
 * The repetition, or sequence of repetitions, for which the time on some texts doubles with every few characters in a
 * backtracking engine (PCRE, JavaScript, Java).
 * @returns the part as written; `undefined` if there is none, or the pattern is too large to tell
 */
export function exponentialPart(pattern: string, options: string): string | undefined {
  const tree = readRegex(pattern, options);
  if (!tree) return undefined;
  const chain = longChain(tree);
  if (chain !== undefined) return chain;
  try {
    for (const part of [tree, ...conditions(tree)]) {
      const found = endlessPart(part);
      if (found !== undefined) return found;
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
  return undefined;
}
