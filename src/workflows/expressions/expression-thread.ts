import { HydrogenError } from '../../errors.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
import { loadJq } from './jq.ts';
import { compileError } from './jq-program.ts';

/** A program and its input, a JSON text. The answer is jq's output, one line. */
export interface ExpressionJob {
  readonly program: string;
  readonly input: string;
}

/** In characters. */
const maxOutput = 4 * 1024 * 1024;

// The entry point of the thread in which jq runs: it may be ended in the middle of any expression.
void serveJobs<ExpressionJob>(async () => {
  const jq = await loadJq();
  return ({ program, input }) => {
    const { status, output, error } = jq(program, input);
    if (status !== 0) {
      if (error.includes('Exceeds depth limit')) {
        throw new HydrogenError('too_large', 'the data is nested too deeply for an expression (250 levels)');
      }
      throw new HydrogenError('bad_input', compileError(error));
    }
    if (output.length > maxOutput) {
      const size = `it gives ${output.length} characters; at most ${maxOutput} are allowed`;
      throw new HydrogenError('too_large', `${size}. Select less`);
    }
    return output;
  };
});
