import { HydrogenError } from '../../errors.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
import { loadJq } from './jq.ts';
import { maxOutput } from './jq-instance.ts';
import { compileError } from './jq-program.ts';
import { jsonDepth } from './json-depth.ts';

/** A program and its input as JSON text. The result is jq's output, one line. */
export interface ExpressionJob {
  readonly program: string;
  readonly input: string;
}

/** Levels of the data and its envelope; jq's stack can handle three times as many. */
const maxDepth = 256;

// The entry point of the thread that runs jq: it may be terminated in the middle of any expression.
void serveJobs<ExpressionJob>(async () => {
  const jq = await loadJq();
  return async ({ program, input }) => {
    if (jsonDepth(input) > maxDepth) {
      throw new HydrogenError('too_large', 'the data is nested too deeply for an expression (250 levels)');
    }
    const { status, output, outputLength, error } = await jq(program, input);
    if (status !== 0) throw new HydrogenError('bad_input', compileError(error));
    if (outputLength > maxOutput) {
      const size = `its output has ${outputLength} characters (max ${maxOutput})`;
      throw new HydrogenError('too_large', `${size}. Select less`);
    }
    return output;
  };
});
