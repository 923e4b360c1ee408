// Looks for secrets in every tracked file, with gitleaks and its rules.
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outcome, skippedBecause } from './outcome.ts';
import { gitleaksLabel, installGitleaks, runGitleaks } from './tools.ts';

interface Finding {
  readonly RuleID: string;
  readonly File: string;
  readonly StartLine: number;
}

const planted = 'planted-secrets.txt';

/**
 * Some of each kind that the scan has to find, put together here so that no tracked file holds one: a key of ours, an access
 * token, a private key, a password in a URL.
 */
function plantedSecrets(): string {
  const random = 'x7KqP2mZ9vL4tR8wN3sB6yC1dF5gH0jE4aQz';
  const base64 = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
  return [
    `key = "${'hyd'}_0123456789ab_${random}${random.slice(0, 13)}"`,
    `token = "${'ghp'}_${random}"`,
    `-----BEGIN ${'PRIVATE'} KEY-----\n${base64}\n-----END ${'PRIVATE'} KEY-----`,
    `url = "${'mongodb'}://admin:${random.slice(0, 16)}@db.example.com"`,
  ].join('\n\n');
}
const plantedRules = ['hydrogen-api-key', 'github-pat', 'private-key', 'url-with-password'];

const trackedFiles = (root: string): string[] =>
  execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\0')
    .filter((name) => name !== '');

/** @param folder is scanned whole */
async function scan(folder: string, config: string): Promise<Finding[]> {
  const report = `${folder}.json`;
  const how = ['--no-banner', '--redact', '--report-format', 'json', '--report-path', report];
  const { code, err } = await runGitleaks(['dir', '.', ...how, '--config', config], folder);
  if (code !== 0 && code !== 1) throw new Error(`gitleaks failed: ${err.trim().slice(-500)}`);
  const found = JSON.parse(await readFile(report, 'utf8')) as Finding[];
  await rm(report);
  return found;
}

export async function checkSecrets(root: string, files = trackedFiles(root)): Promise<Outcome> {
  const { ready, reason = '' } = await installGitleaks();
  if (!ready) return skippedBecause(`${gitleaksLabel}: ${reason}`);
  const folder = await mkdtemp(join(tmpdir(), 'hydrogen-secrets-'));
  try {
    for (const file of files) {
      // What was deleted and is not committed yet is tracked, and not there.
      await cp(join(root, file), join(folder, file)).catch(() => {});
    }
    await writeFile(join(folder, planted), plantedSecrets());
    const found = await scan(folder, join(root, 'scripts/security/gitleaks.toml'));
    const missed = plantedRules.filter(
      (rule) => !found.some(({ RuleID, File }) => File === planted && RuleID === rule),
    );
    return {
      failures: [
        ...missed.map((rule) => `the rule ${rule} did not find the secret that was planted for it`),
        ...found
          .filter(({ File }) => File !== planted)
          .map(({ RuleID, File, StartLine }) => `${File}:${StartLine}: ${RuleID}`),
      ],
      warnings: [],
      summary: `${files.length} tracked files, by ${gitleaksLabel}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
