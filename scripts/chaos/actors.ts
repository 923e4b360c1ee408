import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, count, type Findings, rowsIn } from './client.ts';

// What clients do, and what they must find afterwards: each actor writes to things of its own, so that it knows what
// must be there, and what may be where a call was not answered with a yes.

export interface Actor {
  readonly name: string;
  /** Does one thing, and checks what can be checked at once. */
  act(caller: Caller): Promise<void>;
  /** Once all is calm: whether everything that was acknowledged is there. Adds what is not to the findings. */
  check(caller: Caller): Promise<void>;
  /** How much was acknowledged, in words. */
  summary(): string;
}

interface Stage {
  readonly findings: Findings;
  readonly random: () => number;
}

/** How many documents of `known` have the letter. */
export const known = Array.from({ length: 60 }, (_, i) => ({
  _id: i,
  letter: 'abc'[i % 3],
  size: i * 7,
}));

/** Reads what never changes. */
export function reader({ findings, random }: Stage): Actor {
  let answers = 0;
  const wrong = (what: string): void => count(findings.wrong, `a wrong answer: ${what}`);
  return {
    name: 'reader',
    async act(caller) {
      const least = Math.floor(random() * 400);
      const filter = { size: { $gte: least } };
      const expected = known.filter(({ size }) => size >= least);
      const counted = await caller.call('count', { collection: 'known', filter });
      if (counted.ok && counted.fact['count'] !== expected.length) wrong('count');
      const pipeline = [{ $match: filter }, { $group: { _id: '$letter', n: { $sum: 1 } } }];
      const grouped = await caller.call('aggregate', { collection: 'known', pipeline });
      if (grouped.ok) {
        const sum = rowsIn(grouped.text).reduce((all, { n }) => all + Number(n), 0);
        if (sum !== expected.length) wrong('aggregate');
      }
      const found = await caller.call('find', { collection: 'known', filter, limit: 100 });
      if (found.ok && rowsIn(found.text).length !== expected.length) wrong('find');
      answers += [counted, grouped, found].filter(({ ok }) => ok).length;
    },
    async check() {},
    summary: () => `${answers} right answers`,
  };
}

/** Changes a document that is its own, with a confirmation each time. */
export function writer({ findings }: Stage, number: number): Actor {
  const filter = { _id: `writer-${number}` };
  let acknowledged = 0;
  /** Calls without a yes: each may have been done. */
  let unknown = 0;
  return {
    name: 'writer',
    async act(caller) {
      const update = { $inc: { n: 1 } };
      const outcome = await caller.call('update', { collection: 'counters', filter, update, upsert: true });
      if (outcome.ok) acknowledged++;
      else unknown++;
    },
    async check(caller) {
      const outcome = await caller.call('find', { collection: 'counters', filter });
      const n = outcome.ok ? Number(rowsIn(outcome.text)[0]?.['n'] ?? 0) : Number.NaN;
      if (n >= acknowledged && n <= acknowledged + unknown) return;
      count(
        findings.wrong,
        `writes: ${acknowledged} were acknowledged and ${unknown} not, but there are ${n}`,
      );
    },
    summary: () => `${acknowledged} confirmed writes`,
  };
}

/** A word that is in no other document. */
const wordOf = (number: number, at: number): string =>
  `w${[...`${number}x${at}`].map((digit) => (digit === 'x' ? 'x' : 'abcdefghij'[Number(digit)])).join('')}q`;

/** Adds documents, reads and finds them, and takes some out again. */
export function librarian({ findings, random }: Stage, number: number): Actor {
  /** What must be there, by its id. */
  const there = new Map<string, string>();
  const gone = new Set<string>();
  let at = 0;
  const wrong = (what: string): void => count(findings.wrong, `the library: ${what}`);

  async function look(caller: Caller, id: string, word: string): Promise<void> {
    const read = await caller.call('get_document', { id });
    if (read.ok ? !read.text.includes(word) : /no document/i.test(read.message)) {
      wrong('a document that was acknowledged cannot be read');
    }
    const found = await caller.call('search', { query: word, mode: random() < 0.5 ? 'keyword' : 'hybrid' });
    if (found.ok && !rowsIn(found.text).some(({ document }) => document === id)) {
      wrong('a document that was acknowledged is not found');
    }
  }

  return {
    name: 'librarian',
    async act(caller) {
      const [first] = there;
      if (first && random() < 0.2) {
        const [id] = first;
        there.delete(id);
        const removed = await caller.call('remove_document', { id });
        if (removed.ok) gone.add(id);
        return;
      }
      const word = wordOf(number, at++);
      const text = `# Note ${at}\n\nThis note holds the word ${word}, which no other has.`;
      const added = await caller.call('add_document', { name: `note-${number}-${at}`, text });
      if (!added.ok) return;
      const id = String(added.fact['id']);
      there.set(id, word);
      if (random() < 0.5) await look(caller, id, word);
    },
    async check(caller) {
      for (const [id, word] of there) await look(caller, id, word);
      for (const id of gone) {
        const read = await caller.call('get_document', { id }, 'may fail');
        if (read.ok) wrong('a document that was removed is there');
      }
    },
    summary: () => `${there.size + gone.size} documents, ${gone.size} of them removed`,
  };
}

export const workflow = 'chaos-steps';
/** The steps of a run that is complete. */
export const definition = `document: { dsl: '1.0.3', namespace: chaos, name: ${workflow}, version: '1.0.0' }
do:
  - each:
      for: { each: n, in: '\${ [range(4)] }' }
      do:
        - look: { call: count, with: { collection: known } }
        - pause: { wait: { milliseconds: 200 } }
        - keep: { set: { at: '\${ $n }', found: '\${ .count }' } }
`;

/** Begins runs, whose ends it looks at later. */
export function runner({ findings }: Stage, number: number): Actor {
  const begun = new Map<string, string>();
  let at = 0;
  const wrong = (what: string): void => count(findings.wrong, `runs: ${what}`);
  return {
    name: 'runner',
    async act(caller) {
      const key = `${number}-${at++}`;
      const args = { workflow, wait_seconds: 0, idempotency_key: key };
      const answer = await caller.call('run_workflow', args);
      if (!answer.ok) return;
      begun.set(key, String(answer.fact['run_id']));
      if (at % 5 !== 0) return;
      const again = await caller.call('run_workflow', args);
      if (again.ok && again.fact['run_id'] !== begun.get(key)) wrong('a key has begun two runs');
    },
    async check(caller) {
      for (const id of begun.values()) {
        let state = '';
        for (const until = Date.now() + 30_000; Date.now() < until; await delay(200)) {
          const answer = await caller.call('get_run', { run_id: id });
          state = answer.ok ? String(answer.fact['state']) : '';
          if (!['pending', 'running', ''].includes(state)) break;
        }
        if (state !== 'completed') wrong(`one that was acknowledged is ${state || 'not there'}`);
      }
    },
    summary: () => `${begun.size} runs`,
  };
}
