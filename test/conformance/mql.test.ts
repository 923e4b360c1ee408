import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromExtendedJson } from '../../src/mql/index.ts';
import { type Case, check } from './compare.ts';
import { execute } from './execute.ts';

/** Cases that are refused by name instead of being answered, and what is named. */
const REFUSED: { readonly [id: string]: string } = {
  'stage-22': '$out',
  'stage-23': '$merge',
};

/** The cases of the language, and answers of a MongoDB 8.2 server where ours once differed. */
const files = ['cases/mql.jsonl', 'cases/server.jsonl'];
const cases = files
  .flatMap((file) => readFileSync(new URL(file, import.meta.url), 'utf8').split('\n'))
  .filter((line) => line !== '')
  .map((line) => fromExtendedJson(line) as Case)
  .filter(({ doubtful }) => doubtful !== true);
const groups = Map.groupBy(cases, ({ group }) => group);

for (const [group, members] of groups) {
  describe(`MongoDB's language: ${group}`, () => {
    for (const member of members) {
      const refused = REFUSED[member.id];
      test(`${member.id} ${member.name}${refused === undefined ? '' : ` (${refused} is refused)`}`, () => {
        const outcome = execute(member);
        if (refused === undefined) expect(check(member, outcome)).toBeNull();
        else expect(outcome).toMatchObject({ refused: true, error: expect.stringContaining(refused) });
      });
    }
  });
}
