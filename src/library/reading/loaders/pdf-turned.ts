/** The part of pdf.js's text items that is used; other items have no `str`. */
interface TextItem {
  readonly str?: string;
  readonly transform?: readonly number[];
  readonly hasEOL?: boolean;
  /** Runs in another direction than most of its page. */
  readonly isAside?: true;
}

// Pages are written sideways, with or without being shown so, and tables and margins have labels that run upwards.

/** How far text is turned against the clock, in degrees. */
export type QuarterTurn = 0 | 90 | 180 | 270;

/** A slope that is still that of a line. */
const slant = 0.02;

function turnOf({ transform: [a = 1, b = 0] = [] }: TextItem): QuarterTurn | undefined {
  if (Math.abs(b) <= slant * Math.abs(a)) return a >= 0 ? 0 : 180;
  if (Math.abs(a) <= slant * Math.abs(b)) return b > 0 ? 90 : 270;
  return undefined;
}

/** A place as it is where the page is turned so that its text is upright. */
export function turned(turn: QuarterTurn, x: number, y: number): readonly [x: number, y: number] {
  if (turn === 90) return [y, -x];
  if (turn === 180) return [-x, -y];
  return turn === 270 ? [-y, x] : [x, y];
}

const isWord = ({ str = '' }: TextItem): boolean => str.trim() !== '';

/** The direction of most of a page's text. */
function mainTurn(items: readonly TextItem[]): QuarterTurn {
  const letters = new Map<QuarterTurn, number>();
  for (const item of items) {
    const turn = isWord(item) ? turnOf(item) : undefined;
    if (turn !== undefined) letters.set(turn, (letters.get(turn) ?? 0) + (item.str?.length ?? 0));
  }
  const [main] = [...letters].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0]);
  return main;
}

/** The items as they are where the page is turned so that most of its text is upright, and how far it was turned. */
export function upright(items: readonly TextItem[]): {
  readonly items: readonly TextItem[];
  readonly turn: QuarterTurn;
} {
  if (items.every((item) => !isWord(item) || turnOf(item) === 0)) return { items, turn: 0 };
  const main = mainTurn(items);
  const turnedItems = items.map((item): TextItem => {
    if (item.str === undefined) return item;
    const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = item.transform ?? [];
    // Spaces have no direction of their own.
    if (isWord(item) && turnOf(item) !== main) return { ...item, isAside: true };
    return { ...item, transform: [Math.hypot(a, b), 0, 0, Math.hypot(c, d), ...turned(main, x, y)] };
  });
  return { items: turnedItems, turn: main };
}

/** Items without those that run in another direction; the lines that these interrupt end there. */
export function withoutAsides(items: readonly TextItem[]): readonly TextItem[] {
  return items.flatMap((item, i) => {
    if (item.isAside) return [];
    return items[i + 1]?.isAside && !item.hasEOL ? [{ ...item, hasEOL: true }] : [item];
  });
}
