// The built command on something like Windows: npm run test:windows (with `--prepare` only what it needs is installed)
// Wine and Node for Windows are put into a cache at the first use (scripts/windows/installation.ts says what and where). Under
// them run the demo over stdio and over HTTP, the model's native runtime, which crashes there and may take nothing along, and
// the tests that scripts/windows/tests.ts names. It ends with what was not run, and why. Where Wine cannot be had that is said,
// and nothing fails. A green run is a lower bound: locks, permissions and long paths are not those of Windows.
import { fileURLToPath } from 'node:url';
import { installWindows, nodeVersion } from './windows/installation.ts';
import { type Ended, type WindowsProject, windowsProject } from './windows/project.ts';
import { nameBut, notRun, tests, tooMuchForWine } from './windows/tests.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Words only: the native runtime of models does not run under Wine. */
const words = { HYDROGEN_EMBEDDING_MODEL: 'none' };

interface Step {
  readonly what: string;
  run(project: WindowsProject): Promise<Ended>;
  /** Whether it ended as it should. */
  isRight(ended: Ended): boolean;
}

const succeeded = ({ status }: Ended): boolean => status === 0;

const steps: readonly Step[] = [
  {
    what: 'the demo over stdio',
    run: (project) => project.node(['scripts/demo.ts'], words),
    isRight: succeeded,
  },
  {
    what: 'the demo over HTTP',
    run: (project) => project.node(['scripts/demo.ts', '--http'], words),
    isRight: succeeded,
  },
  {
    what: 'a native runtime that crashes: doctor says so, and does not crash with it, or that the model is ready',
    run: (project) =>
      project.node(['dist/cli.js', 'doctor'], {
        HYDROGEN_DATA_DIR: project.nameOf(`${project.folder}/temporary/data`),
      }),
    // Another Wine or processor may run it.
    isRight: ({ status, output }) =>
      status === 0
        ? output.includes('embeddings: hydrogen-embed-small-en: ready')
        : output.includes('Status:') && /embeddings: .*failed; search answers by keywords/.test(output),
  },
  {
    what: `${tests.length} files and folders of tests`,
    run: (project) =>
      project.node(
        ['node_modules/vitest/vitest.mjs', 'run', '-t', nameBut(tooMuchForWine), ...tests],
        { TEST_BUNDLE: project.nameOf(`${project.folder}/dist`) },
        300_000,
      ),
    // Also where the pattern of names left out all of them, that would be a success.
    isRight: (ended) => succeeded(ended) && /Tests +\d{3,} passed/.test(ended.output),
  },
];

async function runAll(project: WindowsProject): Promise<void> {
  for (const { what, run, isRight } of steps) {
    const started = performance.now();
    const ended = await run(project);
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    const right = isRight(ended);
    console.log(`${right ? 'ok  ' : 'FAIL'} ${what} (${seconds} s)`);
    if (right) continue;
    process.exitCode = 1;
    console.log(`It ended with ${ended.status}, and printed:\n${ended.output.slice(-6_000)}`);
  }
}

const windows = await installWindows(root);
if (typeof windows === 'string') {
  console.log(`Windows (Wine): SKIPPED: ${windows}`);
} else if (!process.argv.includes('--prepare')) {
  console.log(`Node ${nodeVersion} for Windows under Wine:`);
  const project = await windowsProject(root, windows);
  try {
    await runAll(project);
  } finally {
    await project.remove();
  }
  console.log('\nNot run there:');
  for (const { what, reason } of notRun) console.log(`- ${what}: ${reason}`);
}
