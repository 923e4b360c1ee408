import type { Reporter, TestCase, TestModule, TestSpecification } from 'vitest/node';

/** A line at least so often, ms: who sees nothing for longer thinks that it hangs. */
const maxSilenceMs = 5_000;
/** Names of files that a line has room for. */
const maxNames = 2;

/** Says how far the tests are, in lines that a log can hold: files and tests done, what failed, what runs now. */
export function testProgress(): Reporter {
  const startedAt = performance.now();
  const running = new Set<string>();
  let files = 0;
  let filesDone = 0;
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const names = [...running].slice(0, maxNames).join(', ');
    const counts = `${passed} tests passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    console.log(
      `${seconds} s: ${filesDone} of ${files} files, ${counts}${names === '' ? '' : `; now ${names}`}`,
    );
  }

  return {
    onTestRunStart(specifications: readonly TestSpecification[]) {
      files = specifications.length;
      timer = setInterval(tell, maxSilenceMs);
    },
    onTestModuleStart: ({ relativeModuleId }: TestModule) => void running.add(relativeModuleId),
    onTestCaseResult(test: TestCase) {
      const { state } = test.result();
      if (state === 'passed') passed++;
      else if (state === 'failed') {
        failed++;
        console.log(`FAILED ${test.module.relativeModuleId} > ${test.fullName}`);
      } else skipped++;
    },
    onTestModuleEnd({ relativeModuleId }: TestModule) {
      filesDone++;
      running.delete(relativeModuleId);
    },
    onTestRunEnd() {
      clearInterval(timer);
      tell();
    },
  };
}
