import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const script = `
import { getHeapSpaceStatistics } from 'node:v8';
import { growYoungMemory, keepYoungSmall } from './src/garbage.ts';
const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
keepYoungSmall();
const sizes = [size()];
growYoungMemory();
sizes.push(size());
const kept = [];
for (let i = 0; i < 1_000_000; i++) kept.push({ i });
sizes.push(size());
console.log(JSON.stringify(sizes));
`;

test('young memory grows from 1 MB to 4 in each half where many calls are answered, and no further', () => {
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const [before, grown, later] = JSON.parse(out) as number[];
  expect(before).toBeLessThanOrEqual(2);
  expect(grown).toBeGreaterThanOrEqual(8);
  // It would grow to 32. A collection under way counts in some pages more, and V8 takes memory back from a thread that
  // gets little time.
  for (const size of [grown, later]) expect(size).toBeLessThan(24);
});
