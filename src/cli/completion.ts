import type { Command } from 'commander';

/** A person asks for the script with the one; with the other the script asks for what completes a line. */
const scriptCommand = 'completion';
const requestCommand = 'complete';

export function asksForCompletion(argv: readonly string[]): boolean {
  return argv[2] === requestCommand || argv.includes(scriptCommand);
}

/**
 * For `--help`, which loads no completion: what completes commands and options knows the whole program, and is loaded
 * for its own two commands only.
 */
export function registerCompletionHelp(program: Command): void {
  program
    .command(scriptCommand)
    .argument('<shell>')
    .description('completion for zsh, bash, fish or powershell: `source <(hydrogen completion bash)`');
}

export async function registerCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: scriptCommand });
}
