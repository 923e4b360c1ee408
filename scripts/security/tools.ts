// The tools that are no npm packages: gitleaks (built with Go) and semgrep (Python). Each is installed once, in the version
// named here, into HYDROGEN_SECURITY_TOOLS, by default ~/.cache/hydrogen-security.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Installation, installInto, run } from '../servers/installation.ts';

const cache = process.env['HYDROGEN_SECURITY_TOOLS'] ?? join(homedir(), '.cache', 'hydrogen-security');
const gitleaksVersion = 'v8.30.1';
const semgrepVersion = '1.185.0';
const gitleaksFolder = join(cache, `gitleaks-${gitleaksVersion}`);
const semgrepFolder = join(cache, `semgrep-${semgrepVersion}`);

export const gitleaksLabel = `gitleaks ${gitleaksVersion}`;
export const semgrepLabel = `semgrep ${semgrepVersion}`;

export function installGitleaks(): Promise<Installation> {
  const module = `github.com/zricethezav/gitleaks/v8@${gitleaksVersion}`;
  return installInto(gitleaksFolder, (folder) => run('go', ['install', module], folder, { GOBIN: folder }));
}

export function installSemgrep(): Promise<Installation> {
  return installInto(semgrepFolder, async (folder) => {
    const how = ['--quiet', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:'];
    const what = ['--target', folder, `semgrep==${semgrepVersion}`];
    await run('python3', ['-m', 'pip', 'install', ...how, ...what], folder);
    // What it writes about itself stays in its folder.
    await mkdir(join(folder, 'home'), { recursive: true });
    await writeFile(join(folder, 'home', 'settings.yml'), 'anonymous_user_id: none\n');
  });
}

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, whatever its exit code. */
export function finished(
  program: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

export const runGitleaks = (args: readonly string[], cwd: string): Promise<Finished> =>
  finished(join(gitleaksFolder, 'gitleaks'), args, cwd);

/** It asks nothing over the network. */
export function runSemgrep(args: readonly string[], cwd: string): Promise<Finished> {
  const bin = join(semgrepFolder, 'bin');
  const environment = {
    PYTHONPATH: semgrepFolder,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    SEMGREP_SETTINGS_FILE: join(semgrepFolder, 'home', 'settings.yml'),
    SEMGREP_LOG_FILE: join(semgrepFolder, 'home', 'semgrep.log'),
  };
  const quiet = ['--metrics=off', '--disable-version-check', '--quiet'];
  return finished(join(bin, 'semgrep'), ['scan', ...quiet, ...args], cwd, environment);
}
