import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import type { SettingsFile } from '../config/load.ts';
import { HydrogenError } from '../errors.ts';
import type { HealthReport, Part } from '../observability/health.ts';
import { layoutFaults } from '../policy/own-layout.ts';
import { remarksOf } from '../stores/index/remarks.ts';
import { fileLine } from './config.ts';
import { configOf, runCommand, wantsJson } from './context.ts';
import { accessFaults } from './doctor-access.ts';
import { placeName, placeParts, realPlace, withRealPlace } from './doctor-place.ts';
import { exitCodes } from './exit-codes.ts';
import { write } from './output.ts';
import { styled } from './style.ts';
import { inCommands } from './words.ts';

/** How long to wait for the model before reporting it as loading, ms: a hang has been detected by then. */
const modelTimeoutMs = 45_000;

async function modelSettled({ library }: App, again: boolean, call: Call): Promise<void> {
  library.warm({ again });
  for (const until = Date.now() + modelTimeoutMs; Date.now() < until; ) {
    const { state } = (await library.status(call)).model;
    if (state !== 'idle' && state !== 'loading') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Folders of documents that contain the server's own files, as a part of the report that only `doctor` shows. */
async function layout({ ownPaths, config, library }: App, call: Call): Promise<Part[]> {
  const places = await library.places(call).catch(() => []);
  const ingested = places.filter(({ kind }) => kind === 'folder').map(({ path }) => path);
  const faults = await layoutFaults(ownPaths, [...config.folders, ...ingested]);
  if (faults.length === 0) return [];
  return [
    {
      name: 'folders',
      state: 'degraded',
      detail: `${faults.map(({ what }) => what).join('; ')}; it is left out of the library`,
      action: [...new Set(faults.map(({ action }) => action))].join(' '),
    },
  ];
}

/** Documents with remarks that `doctor` names. */
const maxRemarked = 10;
const allRemarked = 1_000;

/** What of the files is not in the documents' texts. Not a fault of this program's parts, so its state is `up`. */
async function readingParts({ library }: App, limit: number, call: Call): Promise<Part[]> {
  const found = await library.remarked(limit, call).catch(() => undefined);
  if (!found || found.total === 0) return [];
  const { documents, total } = found;
  const named = documents.map((document) => `${document.id}: ${remarksOf(document).join('; ')}`);
  const more = total - documents.length;
  const rest = more > 0 ? [`and ${more.toLocaleString('en')} more (--json names up to ${allRemarked})`] : [];
  const whole = total === 1 ? '1 document has' : `${total.toLocaleString('en')} documents have`;
  return [
    {
      name: 'reading',
      state: 'up',
      detail: `${whole} remarks of its reader: ${[...named, ...rest].join('. ')}`,
    },
  ];
}

function withParts(report: HealthReport, more: readonly Part[]): HealthReport {
  const isFine = more.every(({ state }) => state === 'up');
  const status = !isFine && report.status === 'up' ? 'degraded' : report.status;
  // Only here it is said with paths.
  const parts = report.parts.filter(({ name }) => name !== placeName);
  return { ...report, status, parts: [...parts, ...more] };
}

const marks = {
  up: ['green', 'ok  '],
  off: ['dim', 'off '],
  starting: ['dim', '... '],
  degraded: ['yellow', 'warn'],
  down: ['red', 'FAIL'],
} as const;

async function writeParts(parts: readonly Part[], files: readonly SettingsFile[]): Promise<void> {
  const { paragraph } = await import('./layout.ts');
  for (const { name, state, detail, action } of parts) {
    // The lines above say it, with the paths.
    if (name === 'settings' && files.every(({ isRead }) => !isRead)) continue;
    const [style, mark] = marks[state];
    write(`${styled(style, mark)} ${paragraph(`${name}: ${detail}`, 5).trimStart()}`);
    // What is wrong in a definition is said in its own words: there, tools have their names.
    if (action) write(paragraph(name === 'workflows' ? action : inCommands(action), 5));
  }
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .alias('health')
    .description('check every part, and say how to fix what is wrong')
    .option('--try-again', 'also try an embedding model that crashed before')
    .action(async ({ tryAgain = false }: { tryAgain?: boolean }, command: Command) => {
      const check = async (app: App, call: Call) => {
        // Waits for what is still being loaded or checked: a person wants to know the outcome.
        await Promise.allSettled([modelSettled(app, tryAgain, call), app.workflows.list(call)]);
        const loaded = configOf(command);
        const own = [
          ...(await placeParts(app, loaded)),
          ...(await layout(app, call)),
          ...(await readingParts(app, wantsJson(command) ? allRemarked : maxRemarked, call)),
          ...(await accessFaults(app, loaded, call)),
        ];
        const report = withParts(await app.health.report(call), own);
        if (call.signal.aborted) throw new HydrogenError('cancelled', 'The check was interrupted.');
        return { report, dataDirectory: app.dataDirectory };
      };
      // The report already says what a check would log.
      const { report, dataDirectory } = await runCommand(command, 'Checking', 'read', check, 'error');
      if (report.status !== 'up') process.exitCode = exitCodes.unavailable;
      if (wantsJson(command)) {
        write(
          JSON.stringify({
            ...report,
            node: process.versions.node,
            dataDirectory,
            realDataDirectory: realPlace(dataDirectory) ?? dataDirectory,
            settingsFiles: configOf(command).settingsFiles,
          }),
        );
        return;
      }
      write(`hydrogen ${report.version} on Node ${process.versions.node} (${process.execPath})`);
      write(`data directory: ${withRealPlace(dataDirectory)}`);
      const { settingsFiles } = configOf(command);
      for (const file of settingsFiles) write(fileLine(file));
      await writeParts(report.parts, settingsFiles);
      write(report.status === 'up' ? 'Everything works.' : `Status: ${report.status}.`);
    });
}
