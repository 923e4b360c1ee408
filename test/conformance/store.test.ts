import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type EmbeddedOptions, embeddedRunner } from '../../scripts/conformance/embedded.ts';
import { fromExtendedJson } from '../../src/mql/index.ts';
import { type Case, check } from './compare.ts';

/** Refused by the store: an unknown collection is an error, where MongoDB takes it for an empty one. */
const REFUSED: readonly string[] = ['lookup-11', 'union-04'];

const cases = ['cases/mql.jsonl', 'cases/server.jsonl']
  .flatMap((file) => readFileSync(new URL(file, import.meta.url), 'utf8').split('\n'))
  .filter((line) => line !== '')
  .map((line) => fromExtendedJson(line) as Case)
  .filter(({ doubtful }) => doubtful !== true);

// One test a way, not one a case: a store file for each would take minutes.
test.each<[string, EmbeddedOptions]>([
  ['', {}],
  [', with indexes on the fields that are asked for and in pages of two', { indexes: true, pageSize: 2 }],
])(
  'the embedded store answers all cases as MongoDB does%s',
  async (_how, options) => {
    const runner = await embeddedRunner(options);
    const refused: string[] = [];
    const wrong: string[] = [];
    try {
      for (const member of cases) {
        const outcome = await runner.run(member);
        const why = check(member, outcome);
        if (why === null) continue;
        if (outcome.refused === undefined) wrong.push(`${member.id} ${member.name}: ${why}`);
        else refused.push(member.id);
      }
    } finally {
      await runner.close();
    }
    expect(wrong).toEqual([]);
    expect(refused).toEqual(REFUSED);
  },
  60_000,
);
