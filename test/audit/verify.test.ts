import { describe, expect, test } from 'vitest';
import { anchorAt, chained, codingKey, headText, placeIn, textDigestWith } from '../../src/audit/chain.ts';
import { type AuditVerdict, verifyChain } from '../../src/audit/verify.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import type { AuditEntry } from '../../src/stores/audit/audit-log.ts';

const [newKey, oldKey, strangeKey] = [newAuditKey(), newAuditKey(), newAuditKey()];
const keys = auditKeysIn(newKey);
const key = codingKey(keys);

function chainOf(count: number, coding = key, after?: AuditEntry): AuditEntry[] {
  const facts = Array.from({ length: count }, (_, i) => ({
    facts: { event: 'begun' as const, caller: { id: `caller ${i}` } },
    at: 1_000 * i,
  }));
  return chained(after, facts, coding);
}

const whole = chainOf(20);
/** The records of a chain by their numbers. */
const at = (seq: number): AuditEntry => whole[seq - 1] ?? { seq, code: '', text: '' };

async function* inPieces(entries: readonly AuditEntry[]): AsyncGenerator<readonly AuditEntry[]> {
  for (let from = 0; from < entries.length; from += 3) yield entries.slice(from, from + 3);
}

const verified = (
  entries: readonly AuditEntry[],
  options: Partial<Parameters<typeof verifyChain>[1]> = {},
): Promise<AuditVerdict> => verifyChain(inPieces(entries), { keys, ...options });

async function faultsOf(...args: Parameters<typeof verified>): Promise<string[]> {
  return (await verified(...args)).faults.map(({ text }) => text);
}

const without = (...seqs: number[]): AuditEntry[] => whole.filter(({ seq }) => !seqs.includes(seq));
const altered = (entry: AuditEntry, from = 'caller', to = 'crook'): AuditEntry => ({
  ...entry,
  text: entry.text.replace(from, to),
});

test('a chain is as it was made', async () => {
  expect(await verified(whole)).toMatchObject({
    records: 20,
    after: { seq: 0 },
    head: { seq: 20, code: at(20).code },
    faults: [],
  });
});

test('a record that was altered is named, and the others are not', async () => {
  const chain = whole.map((entry) => (entry.seq === 7 ? altered(entry) : entry));
  expect(await faultsOf(chain)).toEqual(['record 7 was altered']);
});

test('a record whose code was altered is named, and the next one is not', async () => {
  const chain = whole.map((entry) => (entry.seq === 7 ? { ...entry, code: at(3).code } : entry));
  expect(await faultsOf(chain)).toEqual(['record 7 was altered']);
});

test('what is no record any more is named', async () => {
  const chain = whole.map((entry) => (entry.seq === 7 ? { ...entry, text: '{"seq":7' } : entry));
  expect(await faultsOf(chain)).toEqual(['record 7 is no record any more']);
});

test('records that were removed are named', async () => {
  expect(await faultsOf(without(5, 6, 7, 12))).toEqual([
    'records 5 to 7 are missing: removed after record 4',
    'record 12 is missing: removed after record 11',
  ]);
});

test('the first records cannot be removed', async () => {
  expect(await faultsOf(without(1, 2))).toEqual(['records 1 to 2 are missing: removed after record 0']);
});

test.each<[string, object]>([
  ['of other characters', { signature: 'é'.repeat(43) }],
  ['that is missing', { signature: undefined }],
])('a beginning with a signature %s is named', async (_what, more) => {
  const anchor = { ...anchorAt(at(5), key, 'anchor'), ...more } as never;
  expect(await faultsOf(whole.slice(5), { anchor })).toEqual([expect.stringMatching(/signed/)]);
});

test('a record that was removed, with the numbers of those behind it changed, is noticed', async () => {
  const chain = without(5).map((entry) =>
    entry.seq < 5
      ? entry
      : { ...altered(entry, `"seq":${entry.seq}`, `"seq":${entry.seq - 1}`), seq: entry.seq - 1 },
  );
  expect((await verified(chain)).faults[0]).toMatchObject({ kind: 'altered', from: 5 });
});

test('two records that have changed places are named', async () => {
  const swapped = whole.map((entry) => {
    if (entry.seq === 5) return { ...at(9), seq: 5 };
    return entry.seq === 9 ? { ...at(5), seq: 9 } : entry;
  });
  expect(await faultsOf(swapped)).toEqual([
    'record 5 was moved: in its place stands record 9',
    'record 9 was moved: in its place stands record 5',
  ]);
});

test('in a file, a line that was moved is named', async () => {
  expect(await faultsOf([...whole.slice(0, 4), at(6), at(5), ...whole.slice(6)])).toEqual([
    'record 5 was moved: it stands behind a later one',
  ]);
});

describe('with a head', () => {
  const head = { seq: 15, code: at(15).code };

  test('a tail that was cut is noticed', async () => {
    expect(await faultsOf(whole.slice(0, 12), { head })).toEqual([
      'the tail was cut after record 12: it went on to record 15 at least',
    ]);
  });

  test('all that was cut is noticed', async () => {
    expect(await faultsOf([], { head })).toEqual([
      'the tail was cut after record 0: it went on to record 15 at least',
    ]);
  });

  test('a chain that goes on is right', async () => {
    expect(await faultsOf(whole, { head })).toEqual([]);
  });

  test('a chain that was made anew with the key is noticed', async () => {
    const anew = chained(
      undefined,
      [...Array(20)].map((_, at) => ({ facts: { event: 'begun' }, at })),
      key,
    );
    expect(await faultsOf(anew, { head })).toEqual([
      'record 15 is not the one that the head names: the chain was made anew from there or before',
    ]);
  });

  test('what the log says is taken as it is, and nothing that the key has not signed', () => {
    const logged = headText(at(15), key);
    expect(placeIn(logged, keys)).toEqual(head);
    expect(placeIn(`15:${head.code}`, keys)).toEqual(head);
    const forged = logged.replace('15:', '12:');
    expect(() => placeIn(forged, keys)).toThrow(/signed with none of the keys/);
    expect(() => placeIn('15', keys)).toThrow(/A head is SEQ:CODE/);
  });
});

describe('keys', () => {
  const both = auditKeysIn(`${newKey}\n${oldKey}`);
  const old = codingKey(auditKeysIn(oldKey));

  test('records of an earlier key verify while that is given behind the new one', async () => {
    const before = chainOf(5, old);
    const chain = [...before, ...chainOf(5, key, before.at(-1))];
    expect(await faultsOf(chain, { keys: both })).toEqual([]);
  });

  test('a chain that was coded anew with another key is named', async () => {
    const strange = codingKey(auditKeysIn(strangeKey));
    expect(await faultsOf(chainOf(5, strange))).toEqual([
      `records 1 to 5 are coded with key "${strange.id}", which is not among those of auditKey: it was replaced, or auditKey is wrong`,
    ]);
  });

  test('a chain that was coded anew with another key under the id of this one is named', async () => {
    const strange = codingKey(auditKeysIn(strangeKey));
    expect(await faultsOf(chainOf(5, { ...strange, id: key.id }))).toEqual([
      'records 1 to 5 were altered, or coded with another key under the id of this one',
    ]);
  });

  test('whoever has an earlier key can append nothing', async () => {
    const before = chainOf(5);
    const chain = [...before, ...chainOf(2, old, before.at(-1))];
    expect(await faultsOf(chain, { keys: both })).toEqual([
      `records 6 to 7 are coded with key "${old.id}" after a newer one was in use`,
    ]);
  });
});

describe('a chain whose older records were moved out', () => {
  test('verifies from its beginning on', async () => {
    const verdict = await verified(whole.slice(8), { anchor: anchorAt(at(8), key, 'anchor') });
    expect(verdict).toMatchObject({ records: 12, after: { seq: 8, code: at(8).code }, faults: [] });
  });

  test('cannot begin where nobody with the key has signed it', async () => {
    const { signature } = anchorAt(at(8), key, 'anchor');
    const forged = { seq: 10, code: at(10).code, key: key.id, signature };
    expect(await faultsOf(whole.slice(10), { anchor: forged })).toEqual([
      'the chain begins behind record 10, and none of the keys has signed that: the records up to there were removed',
    ]);
  });

  test('a signed head is no beginning', async () => {
    const [, , signature = ''] = headText(at(10), key).split(':');
    const forged = { seq: 10, code: at(10).code, key: key.id, signature };
    expect((await verified(whole.slice(10), { anchor: forged })).faults).toHaveLength(1);
  });

  test('an export may begin anywhere, but its beginning is none of the chain itself', async () => {
    const anchor = anchorAt(at(10), key, 'export');
    expect(await faultsOf(whole.slice(10), { anchor, isFile: true })).toEqual([]);
    expect(await faultsOf(whole.slice(10), { anchor })).toHaveLength(1);
  });

  test('a head of what was moved out is said to be older', async () => {
    const verdict = await verified(whole.slice(8), {
      anchor: anchorAt(at(8), key, 'anchor'),
      head: { seq: 3, code: at(3).code },
    });
    expect(verdict).toMatchObject({ isHeadOlder: true, faults: [] });
  });
});

describe('the text of arguments beside a record', () => {
  const texts = ['{"name":"oak"}', '{"name":"elm"}', '{"name":"ash"}'];
  const withTexts = chained(
    undefined,
    texts.map((argumentsText, i) => ({
      facts: {
        event: 'begun' as const,
        arguments: { digest: 'd', textDigest: textDigestWith(key, argumentsText) },
      },
      at: 1_000 * i,
      argumentsText,
    })),
    key,
  );

  test('is as it was made', async () => {
    expect(await verified(withTexts)).toMatchObject({ records: 3, faults: [], textsGone: 0 });
  });

  test('may be erased: the record stays as it was made, and how many are gone is told', async () => {
    const erased = withTexts.map(({ argumentsText, ...entry }) =>
      entry.seq === 2 ? { ...entry, ...(argumentsText !== undefined && { argumentsText }) } : entry,
    );
    expect(await verified(erased)).toMatchObject({ records: 3, faults: [], textsGone: 2 });
  });

  test('is named where it was altered, or put to another record', async () => {
    const moved = withTexts.map((entry) => ({ ...entry, argumentsText: texts[entry.seq % 3] ?? '' }));
    expect(await faultsOf(moved)).toEqual(['the text of the arguments of records 1 to 3 was altered']);
    const added = whole.map((entry) => (entry.seq === 4 ? { ...entry, argumentsText: 'new' } : entry));
    expect(await faultsOf(added)).toEqual(['the text of the arguments of record 4 was altered']);
  });

  test('stands inside of records of earlier versions, which are as they were made', async () => {
    const before = chained(
      undefined,
      [{ facts: { event: 'begun', arguments: { digest: 'd', text: 'inside' } }, at: 0 }],
      key,
    );
    expect(await verified(before)).toMatchObject({ faults: [], textsGone: 0 });
  });
});
