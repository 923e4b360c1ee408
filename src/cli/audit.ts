import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { canonicalJson } from '../audit/canonical.ts';
import type { AuditRecord } from '../audit/record.ts';
import type { AuditVerdict, VerifyOptions } from '../audit/verify.ts';
import type { Call } from '../call.ts';
import { auditKeysIn, newAuditKey } from '../config/audit-keys.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { AuditEntry } from '../stores/audit/audit-log.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, runCommandFirst, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note, write, writeText } from './output.ts';
import { duration, moment, wholeNumber } from './values.ts';

/** With the text of its arguments, where it is still there, as it stands in records of before. */
function recordOf({ text, argumentsText }: AuditEntry): AuditRecord {
  const record = JSON.parse(text) as AuditRecord;
  if (!record.arguments || argumentsText === undefined) return record;
  return { ...record, arguments: { ...record.arguments, text: argumentsText } };
}

/** Records that are read at once. */
const pageSize = 1_000;
const usualRecords = 50;

interface ShowFlags {
  readonly since?: string;
  readonly caller?: string;
  readonly limit?: string;
}

/** The last records that are wanted, the oldest of them first. */
async function latest({ audit }: App, flags: ShowFlags, call: Call): Promise<AuditRecord[]> {
  const limit = flags.limit === undefined ? usualRecords : wholeNumber('--limit', flags.limit);
  const since = flags.since === undefined ? undefined : moment('--since', flags.since);
  const isWanted = ({ caller }: AuditRecord): boolean =>
    flags.caller === undefined || caller?.id === flags.caller || caller?.name === flags.caller;
  const found: AuditRecord[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; found.length < limit; ) {
    const page = await audit.log.readBack(before, pageSize, call);
    const shown = page.map(recordOf);
    const recent = since === undefined ? shown : shown.filter(({ time }) => Date.parse(time) >= since);
    found.push(...recent.filter(isWanted));
    before = page.at(-1)?.seq ?? 0;
    if (page.length === 0 || recent.length === 0) break;
  }
  return found.slice(0, limit).reverse();
}

function rowOf(record: AuditRecord): string[] {
  const {
    seq,
    time,
    event,
    caller,
    kind,
    name,
    action,
    operation,
    outcome,
    touched,
    rows,
    reason,
    settings,
  } = record;
  const what = [kind, name ?? action].filter(Boolean).join(' ');
  const on = touched?.map((one) => one.what).join(', ');
  const notes = [
    outcome,
    reason,
    settings && settings.now.length > 0 && `changed ${settings.now.join(', ')}`,
    settings && settings.later.length > 0 && `from the next start on ${settings.later.join(', ')}`,
    record.confirmation && `${record.confirmation.answer} by ${record.confirmation.by}`,
    rows !== undefined && plural(rows, 'row'),
    on,
  ];
  return [
    String(seq),
    time,
    event,
    caller?.name ?? caller?.id ?? record.address ?? '',
    operation === undefined ? what : `${what} (${operation})`,
    notes.filter(Boolean).join(', '),
  ];
}

async function show(flags: ShowFlags, command: Command): Promise<void> {
  const found = await runCommand(command, 'Reading', 'read', (app, call) => latest(app, flags, call));
  if (wantsJson(command)) for (const record of found) write(canonicalJson(record));
  else if (found.length === 0) note('There are no such records.');
  else write((await import('./layout.ts')).table(found.map(rowOf)));
}

function writeVerdict(verdict: AuditVerdict): void {
  const { records, after, head, first, last, faults, moreFaults } = verdict;
  for (const { text } of faults) write(`${text}.`);
  if (moreFaults > 0) write(`… and ${moreFaults} more.`);
  const when = first === undefined ? '' : `, of ${first} to ${last}`;
  const begin = after.seq === 0 ? '' : ` They begin behind ${after.seq}:${after.code}.`;
  const end = head === undefined ? '' : ` The last one is ${head.seq}:${head.code}.`;
  const verdictText = faults.length === 0 ? 'is as it was made' : 'is NOT as it was made';
  write(`The audit record ${verdictText}: ${plural(records, 'record')}${when}.${begin}${end}`);
  if (verdict.textsGone > 0) {
    note(`The text of the arguments of ${plural(verdict.textsGone, 'record')} was erased.`);
  }
  if (verdict.isHeadOlder) {
    note('The head is that of a record which was moved to a file: verify that file with it.');
  }
}

/** Texts without a record that are looked for; more are as wrong. */
const maxLoose = 1_000;

async function verify(file: string | undefined, flags: { head?: string }, command: Command): Promise<void> {
  // With a wrong key nothing can be recorded, and that is what it is to find.
  const verdict = await runCommandFirst(command, 'Verifying', 'read', async ({ audit }, call) => {
    const [{ verifyChain }, { entriesFrom, openAuditFile }, { codingKey, placeIn }] = await Promise.all([
      import('../audit/verify.ts'),
      import('../audit/file.ts'),
      import('../audit/chain.ts'),
    ]);
    const { log, keys } = audit;
    codingKey(keys);
    const options: VerifyOptions = {
      keys,
      ...(flags.head !== undefined && { head: placeIn(flags.head, keys) }),
    };
    if (file !== undefined) {
      const { anchor, entries } = await openAuditFile(file);
      return verifyChain(entries, { ...options, isFile: true, ...(anchor && { anchor }) });
    }
    const { anchor } = await log.end(call);
    // From the first number on: what is left of records that were taken out would be found.
    const looseTexts = await log.looseTexts(maxLoose, call);
    return verifyChain(entriesFrom(log, 1, call), { ...options, looseTexts, ...(anchor && { anchor }) });
  });
  if (wantsJson(command)) write(JSON.stringify(verdict));
  else writeVerdict(verdict);
  if (verdict.faults.length > 0) process.exitCode = exitCodes.failed;
}

async function exportRecords(flags: { since?: string }, command: Command): Promise<void> {
  await runCommand(command, 'Exporting', 'read', async ({ audit }, call) => {
    const [{ entriesFrom, entryLine, headerLine, startOf }] = await Promise.all([import('../audit/file.ts')]);
    const since = flags.since === undefined ? undefined : moment('--since', flags.since);
    const start = await startOf(audit, since, call);
    await writeText(headerLine(start));
    for await (const page of entriesFrom(audit.log, (start?.seq ?? 0) + 1, call)) {
      await writeText(page.map(entryLine).join(''));
    }
  });
}

async function moveOut(flags: { keep: string; to?: string }, command: Command): Promise<void> {
  const { minKeepMs, rotate } = await import('../audit/rotate.ts');
  const keepMs = duration('--keep', flags.keep);
  if (keepMs < minKeepMs) throw badInput('--keep must be at least an hour: 1h.');
  const before = Date.now() - keepMs;
  const path =
    flags.to ?? `audit-until-${new Date(before).toISOString().slice(0, 19).replaceAll(':', '')}.jsonl`;
  const rotated = await runCommand(command, 'Moving', 'destroy', ({ audit }, call) =>
    rotate(audit, before, path, call),
  );
  if (wantsJson(command)) write(JSON.stringify({ ...rotated, ...(rotated.records > 0 && { file: path }) }));
  else if (rotated.records === 0) note('There are no records that old: nothing was moved.');
  else {
    const { records, through, sha256 } = rotated;
    write(
      `${plural(records, 'record')} moved to ${path} (SHA-256 ${sha256}), through ${through?.seq}:${through?.code}.`,
    );
  }
}

export function registerAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('the record of who did what (docs/audit.md): show, verify, export, move out, make a key')
    .action((_options, command: Command) => {
      const [unknown] = command.args;
      if (unknown === undefined) return command.outputHelp();
      throw new HydrogenError(
        'bad_input',
        `There is no command "audit ${unknown}". See \`hydrogen audit --help\`.`,
      );
    })
    .allowExcessArguments();
  audit
    .command('show')
    .description('the latest records, one a line; with --json all that they say')
    .option('--since <when>', 'those since a date, or so long ago, such as 7d')
    .option('--caller <id>', 'those of one caller, by id or name')
    .option('--limit <n>', `most records (${usualRecords})`)
    .action(show);
  audit
    .command('verify')
    .description(
      'whether the records, or those of a file, are as they were made; says what is wrong with which',
    )
    .argument('[file]', 'of `audit export` or `audit rotate`')
    .option(
      '--head <head>',
      'SEQ:CODE of the log, or what another verification printed: shows what was cut off',
    )
    .action(verify);
  audit
    .command('export')
    .description('records with their codes as JSON lines, to be verified elsewhere with the key')
    .option('--since <when>', 'those since a date, or so long ago, such as 7d')
    .action(exportRecords);
  audit
    .command('rotate')
    .description('move older records to a file; the rest still verifies, and goes on from there')
    .requiredOption('--keep <time>', 'what stays: 90d, 12h')
    .addOption(
      new Option('--to <file>', 'a new file (default: audit-until-….jsonl in the working directory)'),
    )
    .action(moveOut);
  audit
    .command('key')
    .description('print a new random key for the setting auditKey')
    .action(() => {
      const key = newAuditKey();
      write(key);
      for (const { id } of auditKeysIn(key)) note(`Its id, by which records name it: ${id}`);
    });
}
