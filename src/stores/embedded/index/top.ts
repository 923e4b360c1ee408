import type { Candidate } from '../../index/types.ts';

/** True when `a` ranks below `b`: a lower score, or the same score and a higher number. */
function below(a: Candidate, b: Candidate): boolean {
  return a.score < b.score || (a.score === b.score && a.chunk > b.chunk);
}

/** Collects the `limit` best candidates in a binary heap whose root is the worst of them. */
export function topCandidates(limit: number): {
  /** Returns the score that later chunks must exceed: 0 while there is room. */
  readonly offer: (chunk: number, score: number) => number;
  /** Best first; equal scores in order of chunk number. */
  readonly list: () => Candidate[];
} {
  const heap: Candidate[] = [];

  function rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const [child, above] = [heap[at], heap[parent]];
      if (!child || !above || !below(child, above)) return;
      heap[at] = above;
      heap[parent] = child;
      at = parent;
    }
  }

  function sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [node, a, b] = [heap[at], heap[left], heap[left + 1]];
      if (!node || !a) return;
      const lower = b && below(b, a) ? left + 1 : left;
      const child = heap[lower];
      if (!child || !below(child, node)) return;
      heap[lower] = node;
      heap[at] = child;
      at = lower;
    }
  }

  return {
    offer(chunk, score) {
      const worst = heap[0];
      if (heap.length < limit) {
        heap.push({ chunk, score });
        rise(heap.length - 1);
      } else if (worst && (score > worst.score || (score === worst.score && chunk < worst.chunk))) {
        heap[0] = { chunk, score };
        sink();
      }
      return heap.length === limit ? (heap[0]?.score ?? 0) : 0;
    },
    list: () => heap.sort((a, b) => b.score - a.score || a.chunk - b.chunk),
  };
}
