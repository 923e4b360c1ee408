import { z } from 'zod';
import { errorLine } from '../../workflows/faults.ts';
import type { Run } from '../../workflows/types.ts';
import { contentBytes } from './answer-size.ts';
import type { ToolContext } from './define.ts';

/** A run as the model sees it: its state, its steps in brief, and its result if it fits. */
export const runOutput = z.strictObject({
  run_id: z.string(),
  workflow: z.string(),
  state: z.string(),
  steps: z.array(z.string()),
  output: z.unknown().optional(),
  error: z.string().optional(),
  note: z.string().optional(),
});

const maxSteps = 30;

/** Characters of what is told of one step. */
const maxNoteLength = 300;

const inShort = (text: string): string =>
  text.length > maxNoteLength ? `${text.slice(0, maxNoteLength)}…` : text;

/** The error is told by the step that it came up in, not by those around it. */
function stepLine({ name, kind, state, reference, error }: Run['steps'][number]): string {
  const reason = error?.instance === reference ? (error.detail ?? error.title ?? error.type) : undefined;
  return `${name} (${kind}): ${state}${reason === undefined ? '' : `: ${inShort(reason)}`}`;
}

/** Collapses the identical lines of loop iterations into one with a count. */
function stepLines(steps: Run['steps']): string[] {
  const lines: { text: string; times: number }[] = [];
  for (const step of steps) {
    const text = stepLine(step);
    const last = lines.at(-1);
    if (last?.text === text) last.times++;
    else lines.push({ text, times: 1 });
  }
  return lines.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}

/** Steps whose notes are told. */
const maxNotes = 5;

/** What the answers to the calls of a run said of themselves, a line a step. */
export function stepNotes({ steps }: Run): string[] {
  const lines = steps.flatMap(({ name, note }) =>
    note === undefined ? [] : [`Step "${name}": ${inShort(note)}`],
  );
  // The iterations of a loop mostly say the same.
  const different = [...new Set(lines)];
  const more = different.length - maxNotes;
  return more > 0 ? [...different.slice(0, maxNotes), `${more} more steps have notes.`] : different;
}

export function describeRun(run: Run, { config }: ToolContext): z.input<typeof runOutput> {
  const { id, workflow, state, steps, output, error, suspendedUntil } = run;
  const lines = stepLines(steps);
  const bytes = output === undefined ? 0 : Buffer.byteLength(JSON.stringify(output));
  const fits = bytes <= contentBytes(config, 'steps');
  const next = `call get_run with run_id "${id}"`;
  const progress =
    suspendedUntil === undefined
      ? `Not done yet: ${next}.`
      : `The run waits until ${suspendedUntil} and then goes on by itself: after that, ${next}.`;
  const notes = [
    ...(state === 'running' || state === 'pending' ? [progress] : []),
    ...(fits
      ? []
      : [
          `The output is ${bytes.toLocaleString('en')} bytes, more than an answer holds; read the resource hydrogen://runs/${id}.`,
        ]),
    ...stepNotes(run),
    ...(lines.length > maxSteps ? [`${lines.length - maxSteps} earlier step lines are omitted.`] : []),
  ];
  return {
    run_id: id,
    workflow,
    state,
    steps: lines.slice(-maxSteps),
    ...(output !== undefined && fits && { output }),
    ...(error && { error: errorLine(error) }),
    ...(notes.length > 0 && { note: notes.join(' ') }),
  };
}
