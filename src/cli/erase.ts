import type { Command } from 'commander';
import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import type { Chosen, Erasable, Erasure, ErasureOutcome } from '../erasure/erase.ts';
import type { UnknownName } from '../erasure/known.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { similarNames } from '../similar-names.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';
import { moment } from './values.ts';

const kinds: Readonly<Record<Erasable, string>> = {
  runs: 'runs that have ended, with their steps, inputs, outputs, results, errors and idempotency keys',
  exports: 'files behind links of the tool `export`',
  'audit-text': 'the text of arguments beside audit records, which stay',
  caches: 'all that is remembered in the shared cache, which does not know whose it is',
};
const all = Object.keys(kinds) as Erasable[];

interface Flags {
  readonly caller?: string;
  readonly before?: string;
  readonly workflow?: string;
  readonly yes?: boolean;
}

function chosenBy({ caller, before, workflow }: Flags): Chosen {
  if (caller === undefined && before === undefined && workflow === undefined) {
    throw badInput('Say whose or from when: --caller, --before or --workflow. See `hydrogen erase --help`.');
  }
  return {
    ...(caller !== undefined && { caller }),
    ...(before !== undefined && { before: moment('--before', before) }),
    ...(workflow !== undefined && { workflow }),
  };
}

/** What was named, or all that can be chosen so. */
function kindsOf(named: readonly string[], { caller, before, workflow }: Chosen): Erasable[] {
  if (named.length === 0) {
    if (workflow !== undefined) return ['runs'];
    return all.filter((kind) => kind !== 'caches' || (caller !== undefined && before === undefined));
  }
  const found = named.map((name) => {
    const known = all.find((kind) => kind === name);
    if (known) return known;
    const [near] = similarNames(name, all);
    const hint = near === undefined ? `Name ${all.join(', ')}.` : `Did you mean "${near}"?`;
    throw badInput(`There is nothing called "${name}" to erase. ${hint}`);
  });
  const other = found.find((kind) => kind !== 'runs');
  if (workflow !== undefined && other !== undefined) {
    throw badInput(`--workflow chooses runs alone: leave out "${other}", or --workflow.`);
  }
  if (before !== undefined && found.includes('caches')) {
    throw badInput(
      'What is remembered has no age to choose by, and ends within a day: leave out "caches", or --before.',
    );
  }
  return [...new Set(found)];
}

const reasonOf = (error: unknown): string =>
  error instanceof HydrogenError ? error.message : 'It failed unexpectedly; the log says how.';

/** Ids that a sentence names. */
const maxNamed = 10;

function named(ids: readonly string[], count: number): string {
  const more = count > maxNamed ? ` and ${count - maxNamed} more` : '';
  return `${ids.slice(0, maxNamed).join(', ')}${more}`;
}

/** What stays, and why. */
function notesOf(outcomes: readonly ErasureOutcome[]): string[] {
  return outcomes.flatMap(({ what, unfinished = [], unfinishedCount = 0, inside = 0, error }) => [
    ...(unfinishedCount > 0
      ? [`${plural(unfinishedCount, 'run')} not ended, and left: ${named(unfinished, unfinishedCount)}.`]
      : []),
    ...(inside > 0
      ? [
          `${plural(inside, 'audit record')} of earlier versions with the text inside, where it cannot be erased: \`hydrogen audit rotate\` moves whole records to a file.`,
        ]
      : []),
    ...(what === 'caches' && error === undefined
      ? ['What servers remember in their own memory ends with the times of the settings, or a restart.']
      : []),
  ]);
}

const isNothing = ({ count, unfinishedCount = 0, inside = 0, error }: ErasureOutcome): boolean =>
  count === 0 && unfinishedCount === 0 && inside === 0 && error === undefined;

/** Asked where nothing was found of them. What is erased does not depend on it, so that it may fail. */
async function unknownOf(
  erasure: Erasure,
  chosen: Chosen,
  outcomes: readonly ErasureOutcome[],
  call: Call,
): Promise<readonly UnknownName[]> {
  if (!outcomes.every(isNothing)) return [];
  try {
    return await erasure.unknown(chosen, call);
  } catch (err) {
    throwIfCallEnded(call);
    call.log.warn({ err }, 'whether anything has that name could not be looked up');
    return [];
  }
}

/** That it is no name, so that "nothing" is not read as "nothing left". */
function unknownNote({ of, name, similar }: UnknownName): string {
  const what =
    of === 'caller'
      ? `There is no caller "${name}": no run, export, audit record or API key has that id or name.`
      : `There is no run of a workflow "${name}".`;
  const names = similar.map((one) => `"${one}"`).join(' or ');
  return names === '' ? what : `${what} Did you mean ${names}?`;
}

const failuresOf = (outcomes: readonly ErasureOutcome[]) =>
  outcomes.flatMap(({ what, error }) => (error === undefined ? [] : [{ what, error }]));

/** One error for all that failed. */
function failureOf(outcomes: readonly ErasureOutcome[]): HydrogenError | undefined {
  const failures = failuresOf(outcomes);
  if (failures.length === 0) return undefined;
  const list = failures.map(({ what, error }) => `${what}: ${reasonOf(error)}`).join(' ');
  return new HydrogenError(
    'unavailable',
    `Not all of it was looked at or erased; the rest was. Run the command again for ${list}`,
    { cause: failures[0]?.error },
  );
}

interface Report {
  readonly outcomes: readonly ErasureOutcome[];
  readonly unknown?: readonly UnknownName[];
  /** Whether the store file holds nothing of it any more. */
  readonly isGone?: boolean | undefined;
}

function asJson(chosen: Chosen, { outcomes, unknown = [], isGone }: Report, isErased: boolean): string {
  const { before, ...rest } = chosen;
  const unfinished = outcomes.flatMap((one) => one.unfinished ?? []);
  const unfinishedCount = outcomes.reduce((sum, one) => sum + (one.unfinishedCount ?? 0), 0);
  const inside = outcomes.find(({ what }) => what === 'audit-text')?.inside;
  return JSON.stringify({
    erased: isErased,
    chosen: { ...rest, ...(before !== undefined && { before: new Date(before).toISOString() }) },
    counts: Object.fromEntries(outcomes.map(({ what, count }) => [what, count])),
    ...(unknown.length > 0 && { unknown }),
    ...(unfinished.length > 0 && { unfinished, unfinishedCount }),
    ...(inside !== undefined && inside > 0 && { insideRecords: inside }),
    ...(isGone !== undefined && { gone: isGone }),
    failed: failuresOf(outcomes).map(({ what, error }) => ({ what, message: reasonOf(error) })),
  });
}

async function asText({ outcomes, unknown = [] }: Report, isErased: boolean): Promise<void> {
  const { table } = await import('./layout.ts');
  write(isErased ? 'Erased:' : 'Would be erased:');
  write(table(outcomes.map(({ what, count }) => [`  ${what}`, String(count)])));
  for (const line of [...unknown.map(unknownNote), ...notesOf(outcomes)]) note(line);
  if (!isErased) note('Nothing was erased. The same command with --yes does it.');
}

/** The words by which the record of the command says what was chosen. */
function inRecord({ caller, before, workflow }: Chosen): string {
  return [
    ...(caller === undefined ? [] : [` of ${caller}`]),
    ...(workflow === undefined ? [] : [` of workflow ${workflow}`]),
    ...(before === undefined ? [] : [` before ${new Date(before).toISOString()}`]),
  ].join('');
}

/** Has the store file hold nothing of it any more. What fails here leaves what was chosen erased, which its own words deny. */
async function scrubbed(erasure: Pick<Erasure, 'scrub'>, call: Call): Promise<boolean | undefined> {
  try {
    return await erasure.scrub(call);
  } catch (cause) {
    throwIfCallEnded(call);
    throw new HydrogenError(
      'unavailable',
      'It is erased, but the store file could not be written anew, so it may still hold some of it. That takes free space on its disk for a second copy and a log as large, and a moment in which nobody else writes: see to both, then run the command again.',
      { cause },
    );
  }
}

/** Has each kind erased, and the store file hold nothing of it. @param tell is told of each state of it */
async function eraseAll(
  erasure: Erasure,
  chosen: Chosen,
  what: readonly Erasable[],
  call: Call,
  tell: (report: Report) => void,
): Promise<void> {
  // As it goes: a command that is cancelled is recorded with what it has erased so far.
  const erased = (kind: Erasable, count: number): void =>
    call.touched?.({ what: `${kind}${inRecord(chosen)}`, rows: count });
  for (const kind of what) erased(kind, 0);
  const outcomes = await erasure.erase(chosen, what, call, erased);
  const report = { outcomes, unknown: await unknownOf(erasure, chosen, outcomes, call) };
  const failure = failureOf(outcomes);
  // Also where nothing was erased: an earlier attempt may not have come so far.
  if (what.includes('runs') || what.includes('audit-text')) {
    tell({ ...report, isGone: false });
    const isGone = await scrubbed(erasure, call).catch((error: unknown) => {
      throw failure ?? error;
    });
    tell({ ...report, isGone });
    if (isGone === false && !failure) {
      throw new HydrogenError(
        'unavailable',
        'It is erased, but others were reading the store all the time, so its log on the disk may still hold some of it. Run the command again when they have ended.',
      );
    }
  } else tell(report);
  if (failure) throw failure;
}

async function countAll(
  erasure: Erasure,
  chosen: Chosen,
  what: readonly Erasable[],
  call: Call,
  tell: (report: Report) => void,
): Promise<void> {
  const outcomes = await erasure.look(chosen, what, call);
  tell({ outcomes, unknown: await unknownOf(erasure, chosen, outcomes, call) });
  const failure = failureOf(outcomes);
  if (failure) throw failure;
}

async function run(given: readonly string[], flags: Flags, command: Command): Promise<void> {
  const chosen = chosenBy(flags);
  const what = kindsOf(given, chosen);
  const isErased = flags.yes === true;
  let report: Report | undefined;
  const tell = (one: Report): void => {
    report = one;
  };
  const [label, operation, each] = isErased
    ? (['Erasing', 'destroy', eraseAll] as const)
    : (['Counting', 'read', countAll] as const);
  const failed = await runCommand(command, label, operation, async (app, call) =>
    each(await app.erasure(), chosen, what, call, tell),
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (report && wantsJson(command)) write(asJson(chosen, report, isErased));
  else if (report) await asText(report, isErased);
  if (failed !== undefined) throw failed;
}

const help = `
What can be erased; without a name, all that can be chosen by the options:
${all.map((kind) => `  ${kind.padEnd(11)} ${kinds[kind]}`).join('\n')}

Without --yes it says what would be erased, and erases nothing. Runs that have not ended are left and named. It works beside
servers, which may go on meanwhile; where runs or audit text lie in the store file, that is written anew, and writes wait.

Documents of the library are removed by \`hydrogen remove\`, those of collections by the tools \`delete\` and
\`drop_collection\`. What backups hold, and files of \`audit rotate\`, stays there: docs/operations.md.`;

export function registerErase(program: Command): void {
  program
    .command('erase')
    .description('erase runs, exports, audit text and what is remembered: of a caller, a workflow, or a time')
    .argument('[what...]', `of ${all.join(', ')}`)
    .option('--caller <id>', 'those of one caller, by id or name')
    .option('--before <when>', 'what ended or was written before a date, or longer ago than, such as 90d')
    .option('--workflow <name>', 'runs of one workflow')
    .option('--yes', 'erase it; without it, it is only counted')
    .addHelpText('after', help)
    .action(run);
}
