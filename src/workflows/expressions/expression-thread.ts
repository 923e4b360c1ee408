import { HydrogenError } from '../../errors.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
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
  const { raw } = await import('jq-wasm');
  await raw('null', '.');
  return async ({ program, input }) => {
    const output = await raw(input, program, ['-c']).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : '';
      // Anything else is an abort of the WebAssembly instance, which is of no use afterwards.
      if (!message.startsWith('jq: ')) throw error;
      if (message.includes('Exceeds depth limit')) {
        throw new HydrogenError('too_large', 'The data is nested too deeply for an expression (250 levels).');
      }
      throw new HydrogenError('bad_input', compileError(message));
    });
    if (output.length > maxOutput) {
      throw new HydrogenError(
        'too_large',
        `The expression gives ${output.length} characters; at most ${maxOutput} are allowed. Select less.`,
      );
    }
    return output;
  };
});
