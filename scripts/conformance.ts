// Runs a case file of the query conformance format against the embedded store or a server:
// `npm run conformance -- FILE [--url mongodb://…] [--json] [--indexes] [--pages]`.
// Prints right, refused (by operator) and wrong, with ids; ends with 1 when anything is wrong.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fromExtendedJson } from '../src/mql/index.ts';
import { type Case, check } from '../test/conformance/compare.ts';
import { embeddedRunner } from './conformance/embedded.ts';
import { serverRunner } from './conformance/server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    json: { type: 'boolean', default: false },
    indexes: { type: 'boolean', default: false },
    pages: { type: 'boolean', default: false },
  },
});
const [path] = positionals;
if (path === undefined || positionals.length > 1) {
  process.stderr.write(
    'Usage: npm run conformance -- FILE [--url mongodb://…] [--json] [--indexes] [--pages]\n' +
      '  --url      the server to run on; without it the embedded store\n' +
      '  --json     the result as JSON\n' +
      '  --indexes  embedded: index every field that a case filters or sorts by\n' +
      '  --pages    embedded: read find in pages of two documents\n',
  );
  process.exit(2);
}

const cases = (await readFile(path, 'utf8'))
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => fromExtendedJson(line) as Case);

interface Failure {
  readonly id: string;
  readonly name: string;
  readonly why: string;
}

const result = {
  target: values.url === undefined ? 'embedded' : 'server',
  cases: 0,
  right: 0,
  refused: {} as { [operator: string]: string[] },
  wrong: [] as Failure[],
  doubtful: cases.filter(({ doubtful }) => doubtful === true).map(({ id }) => id),
};

const runner = await (values.url === undefined
  ? embeddedRunner({ indexes: values.indexes, ...(values.pages && { pageSize: 2 }) })
  : serverRunner(values.url));
try {
  for (const test of cases.filter(({ doubtful }) => doubtful !== true)) {
    result.cases++;
    const outcome = await runner.run(test);
    const why = check(test, outcome);
    if (why === null && (outcome.refused === undefined || test.expect.error)) result.right++;
    else if (outcome.refused !== undefined) {
      result.refused[outcome.refused] = [...(result.refused[outcome.refused] ?? []), test.id];
    } else result.wrong.push({ id: test.id, name: test.name, why: why ?? '' });
  }
} finally {
  await runner.close();
}

if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
else {
  const refused = Object.entries(result.refused);
  const share = (count: number): string => `${count} (${((100 * count) / result.cases).toFixed(1)} %)`;
  const lines = [
    `${result.cases} cases on the ${result.target === 'server' ? 'server' : 'embedded store'}, ${result.doubtful.length} doubtful left out`,
    `right    ${share(result.right)}`,
    `refused  ${share(refused.reduce((sum, [, ids]) => sum + ids.length, 0))}`,
    ...refused.map(([operator, ids]) => `  ${operator}: ${ids.join(', ')}`),
    `wrong    ${share(result.wrong.length)}`,
    ...result.wrong.map(({ id, name, why }) => `  ${id} ${name}: ${why}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
process.exitCode = result.wrong.length > 0 ? 1 : 0;
