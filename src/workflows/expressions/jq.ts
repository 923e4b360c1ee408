import { HydrogenError } from '../../errors.ts';
import { type JqInstance, type JqResult, startJqInstance } from './jq-instance.ts';

/**
 * Runs a jq program over an input text to completion.
 * @throws HydrogenError `too_large` when it needs more memory or deeper nesting than jq has
 */
export type Jq = (program: string, input: string) => Promise<JqResult>;

/** jq for a thread. When an instance breaks, the program is retried once on a new one. */
export async function loadJq(start: () => Promise<JqInstance> = startJqInstance): Promise<Jq> {
  let instance: JqInstance | undefined = await start();
  return async (program, input) => {
    for (let attempt = 1; ; attempt++) {
      instance ??= await start();
      const result = instance.evaluate(program, input);
      if (!instance.isSound()) instance = undefined;
      if (!('failure' in result)) return result;
      if (result.failure === 'memory') {
        throw new HydrogenError('too_large', 'it ran out of memory (256 MiB)');
      }
      if (attempt === 2) {
        throw new HydrogenError('too_large', 'it is nested too deeply, or builds a value that is');
      }
    }
  };
}
