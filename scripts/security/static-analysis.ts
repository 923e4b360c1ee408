// Reads src with semgrep and the rules of rules.yaml. What it finds is fixed, or allowed with a reason in
// allowed-findings.ts.
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type AllowedFinding, allowedFindings } from './allowed-findings.ts';
import { type Outcome, skippedBecause } from './outcome.ts';
import { installSemgrep, runSemgrep, semgrepLabel } from './tools.ts';

export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

interface Report {
  readonly results: readonly {
    readonly check_id: string;
    readonly path: string;
    readonly start: { readonly line: number };
    readonly extra: { readonly message: string };
  }[];
  readonly errors: readonly { readonly path?: string; readonly message: string; readonly level: string }[];
  readonly paths: { readonly scanned: readonly string[] };
}

/** Rules that are named on lines of the file with planted faults where nothing was found. */
export function missedFaults(faults: string, found: readonly Finding[]): string[] {
  return faults.split('\n').flatMap((text, index) => {
    const rule = /; \/\/ ([a-z-]+)$/.exec(text)?.[1];
    const isFound = found.some((finding) => finding.rule === rule && finding.line === index + 1);
    return rule === undefined || isFound ? [] : [`${rule}, in line ${index + 1}: ${text}`];
  });
}

/** Findings beyond those that are allowed in their file, and what is allowed and no longer there. */
export function judge(
  findings: readonly Finding[],
  allowed: readonly AllowedFinding[],
): Pick<Outcome, 'failures' | 'warnings'> {
  const timesOf = (rule: string, path: string): number =>
    allowed.find((one) => one.rule === rule && one.path === path)?.times ?? 0;
  const groups = Object.values(Object.groupBy(findings, ({ rule, path }) => `${rule} ${path}`));
  const failures = groups.flatMap((group = []) => {
    const [first] = group;
    if (!first || group.length <= timesOf(first.rule, first.path)) return [];
    return group.map(({ rule, path, line, message }) => `${path}:${line}: ${rule}: ${message}`);
  });
  const warnings = allowed.flatMap(({ rule, path, times }) => {
    const found = findings.filter((one) => one.rule === rule && one.path === path).length;
    return found >= times ? [] : [`allowed-findings.ts allows ${rule} in ${path} ${times}×, found ${found}×`];
  });
  return { failures, warnings };
}

export async function checkStatically(root: string, folders: readonly string[] = ['src']): Promise<Outcome> {
  const { ready, reason = '' } = await installSemgrep();
  if (!ready) return skippedBecause(`${semgrepLabel}: ${reason}`);
  const here = join(root, 'scripts/security');
  const faults = join(here, 'planted-faults.txt');
  const folder = await mkdtemp(join(tmpdir(), 'hydrogen-static-'));
  try {
    const planted = join(folder, 'planted.ts');
    await copyFile(faults, planted);
    const what = ['--json', '--no-git-ignore', '--config', join(here, 'rules.yaml'), ...folders, planted];
    const { out, err } = await runSemgrep(what, root);
    if (!out.startsWith('{')) throw new Error(`semgrep failed: ${err.trim().slice(-500)}`);
    const report = JSON.parse(out) as Report;
    const findings = report.results.map(({ check_id, path, start, extra }) => ({
      rule: check_id.split('.').at(-1) ?? '',
      path,
      line: start.line,
      message: extra.message,
    }));
    const missed = missedFaults(
      await readFile(faults, 'utf8'),
      findings.filter(({ path }) => path === planted),
    );
    const { failures, warnings } = judge(
      findings.filter(({ path }) => path !== planted),
      allowedFindings,
    );
    const broken = report.errors.filter(({ level }) => level === 'error');
    // The newest syntax, which it does not know: it skips the statement.
    const unread = report.errors.filter(({ level }) => level !== 'error');
    return {
      failures: [
        ...broken.map(({ message }) => message),
        ...missed.map((fault) => `did not find what was planted: ${fault}`),
        ...failures,
      ],
      warnings: [
        ...warnings,
        ...unread.map(({ path = '' }) => `could not read some lines of ${relative(root, join(root, path))}`),
      ],
      summary: `${report.paths.scanned.length - 1} files, by ${semgrepLabel}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
