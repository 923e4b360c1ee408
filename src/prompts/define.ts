import type { Call } from '../call.ts';
import type { Guarded } from '../policy/permissions.ts';
import type { Services } from '../tools/common/define.ts';

interface PromptArgument {
  readonly name: string;
  readonly description: string;
  /** Possible values: names that a tool lists, so they are offered only where that tool is. */
  readonly completion?: {
    readonly tool: Guarded;
    values(services: Services, call: Call): Promise<readonly string[]>;
  };
}

/** A prompt is plain data; all its arguments are required. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The tools its text asks the model to use: the prompt is offered only where all of them are. */
  readonly needs: readonly Guarded[];
  readonly arguments: readonly PromptArgument[];
  text(values: Readonly<Record<string, string>>, services: Services): string;
}
