import type { Call } from '../../call.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { createJobThread, type JobThread } from '../threads/job-thread.ts';
import type { DefinitionJob, SchemaAnswer, SchemaJob, Verdict } from './messages.ts';

/** Checks definitions and inputs on threads that end when there is nothing to check. */
export interface DefinitionChecker {
  definition(text: string, call: Call): Promise<Verdict>;
  /**
   * The input with the defaults of its schema.
   * @throws HydrogenError `bad_input` when it does not fit.
   */
  input(schema: unknown, value: unknown, call: Call): Promise<unknown>;
  close(): Promise<void>;
}

const definitionMs = 20_000;
const schemaMs = 2_000;

export function createChecker(): DefinitionChecker {
  // Between the files of one listing the thread is kept; afterwards its 89 MB are given back.
  const definitions: JobThread<DefinitionJob, Verdict> = createJobThread(
    new URL('./definition-thread.ts', import.meta.url),
    200,
  );
  const schemas: JobThread<SchemaJob, SchemaAnswer> = createJobThread(
    new URL('./schema-thread.ts', import.meta.url),
    20_000,
  );
  return {
    definition: (text, { signal }) =>
      definitions.run(
        { text },
        {
          signal,
          timeoutMs: definitionMs,
          late: () => new HydrogenError('timeout', 'Checking a workflow definition took too long.'),
        },
      ),
    async input(schema, value, { signal }) {
      const late = (): HydrogenError =>
        badInput('Checking the input against the schema of the workflow took too long and was stopped.');
      const answer = await schemas.run({ schema, value }, { signal, timeoutMs: schemaMs, late });
      if ('problem' in answer) {
        throw badInput(
          `The input does not fit the workflow: ${answer.problem}. See list_workflows for its schema.`,
        );
      }
      return answer.value;
    },
    async close() {
      await Promise.all([definitions.close(), schemas.close()]);
    },
  };
}
