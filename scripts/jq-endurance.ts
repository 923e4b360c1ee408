// One jq instance evaluates for long: its values must be those of a new instance, its memory must stay flat.
// Between, programs that jq does not survive must cost no more than themselves.
//   npm run jq-endurance -- --evaluations 1000000
import { parseArgs } from 'node:util';
import { HydrogenError } from '../src/errors.ts';
import { loadJq } from '../src/workflows/expressions/jq.ts';
import { startJqInstance } from '../src/workflows/expressions/jq-instance.ts';
import { batchProgram } from '../src/workflows/expressions/jq-program.ts';
import { nthEvaluation, seeded } from './jq/mix.ts';

const { values } = parseArgs({
  options: {
    evaluations: { type: 'string', default: '100000' },
    every: { type: 'string', default: '101' },
    seed: { type: 'string', default: '1' },
  },
});
const evaluations = Number(values.evaluations);
const every = Number(values.every);
if (!Number.isSafeInteger(evaluations) || evaluations < 1 || !(every >= 1)) {
  console.error('--evaluations and --every take a number from 1 on.');
  process.exit(1);
}
/** More than this between the middle and the last third is growth, MB; the collector frees late. */
const slackMb = 24;

const mb = (): number => Math.round(process.memoryUsage().rss / 2 ** 20);
const most = (list: readonly number[]): number => Math.max(...list);

async function endure(): Promise<string[]> {
  const problems: string[] = [];
  const random = seeded(Number(values.seed));
  const instance = await startJqInstance();
  const samples: number[] = [];
  const began = Date.now();
  let compared = 0;
  for (let n = 0; n < evaluations; n++) {
    const { program, input } = nthEvaluation(n, random);
    const text = JSON.stringify({ c: input, v: {} });
    const batch = batchProgram([program], []);
    const result = instance.evaluate(batch, text);
    if (!instance.isSound()) {
      problems.push(`the instance broke at evaluation ${n}: ${program} gave ${JSON.stringify(result)}`);
      break;
    }
    if (n % every === 0) {
      compared++;
      const fresh = (await startJqInstance()).evaluate(batch, text);
      const [got, wanted] = [JSON.stringify(result), JSON.stringify(fresh)];
      // The time of the day is the one thing that may differ; no expression may read it.
      if (got !== wanted) problems.push(`evaluation ${n}, ${program}: ${got} instead of ${wanted}`);
    }
    if (n % Math.ceil(evaluations / 60) === 0) samples.push(mb());
    if (n > 0 && n % Math.ceil(evaluations / 10) === 0) {
      console.log(`${n} evaluations, ${mb()} MB, ${((Date.now() - began) / n).toFixed(2)} ms each`);
    }
  }
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [most(samples.slice(third, 2 * third)), most(samples.slice(2 * third))];
  console.log(`${evaluations} evaluations by one instance, ${compared} compared with new ones`);
  console.log(`memory: middle third up to ${middle} MB, last third up to ${last} MB`);
  if (third > 0 && last > middle + slackMb) problems.push(`memory grew from ${middle} to ${last} MB`);
  return problems;
}

const nested = (levels: number): string => `reduce range(${levels}) as $i (0; [.])`;
const hostile = [
  '"a" * 1000000000',
  '[range(1e9)]',
  nested(900),
  `${nested(1_500)} | tojson | length`,
  `${nested(20_000)} | [paths] | length`,
  `(${nested(6_000)}) as $a | (${nested(6_000)}) as $b | $a == $b`,
  `${'['.repeat(1_200)}1${']'.repeat(1_200)}`,
  `(reduce range(600) as $i (0; { a: . })) as $a | $a * $a`,
  `"${'('.repeat(3_000)}" | test(.)`,
];

/** Each hostile program is followed by one whose value is known. */
async function survive(): Promise<string[]> {
  const problems: string[] = [];
  const jq = await loadJq();
  for (const program of hostile) {
    const outcome = await jq(batchProgram([program], []), '{"c":null,"v":{}}').then(
      ({ status, output, error }) => (status === 0 ? output : error).slice(0, 60),
      (error: unknown) => {
        if (!(error instanceof HydrogenError)) throw error;
        return error.message;
      },
    );
    const { output } = await jq(batchProgram(['map(. * 2) | add'], []), '{"c":[1,2,3],"v":{}}');
    if (output !== '[{"v":[12]}]') problems.push(`after ${program.slice(0, 60)}: ${output}`);
    console.log(`${program.slice(0, 44).padEnd(44)}  ${outcome}`);
  }
  return problems;
}

const problems = [...(await survive()), ...(await endure())];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
