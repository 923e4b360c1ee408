// The gate for what ships: licences, known vulnerabilities, secrets in tracked files, static analysis, and the list of what
// ships (SBOM): npm run security [-- PART …] [--sbom FILE] [--prepare]
// It needs a build. --prepare only installs the tools, into ~/.cache/hydrogen-security. A part that cannot be done here says
// so and is skipped; what one finds, ends with exit code 1. The SBOM is written to dist/sbom.cdx.json, or FILE.
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkAdvisories } from './security/advisories.ts';
import { checkLicences } from './security/licences.ts';
import type { Outcome } from './security/outcome.ts';
import { writeSbom } from './security/sbom.ts';
import { checkSecrets } from './security/secrets.ts';
import { shippedPackages } from './security/shipped.ts';
import { checkStatically } from './security/static-analysis.ts';
import { gitleaksLabel, installGitleaks, installSemgrep, semgrepLabel } from './security/tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { prepare: { type: 'boolean' }, sbom: { type: 'string' } },
});

async function prepare(): Promise<void> {
  for (const [label, install] of [
    [gitleaksLabel, installGitleaks],
    [semgrepLabel, installSemgrep],
  ] as const) {
    const { ready, made, reason } = await install();
    console.log(`${label}: ${ready ? (made ? 'installed' : 'ready') : `SKIPPED: ${reason}`}`);
  }
}

const sbom = values.sbom === undefined ? join(root, 'dist/sbom.cdx.json') : resolve(values.sbom);
const parts: Readonly<Record<string, () => Promise<Outcome>>> = {
  licences: async () => checkLicences(await shippedPackages(root)),
  sbom: async () => writeSbom(root, sbom, await shippedPackages(root)),
  advisories: async () => checkAdvisories(root, await shippedPackages(root)),
  secrets: () => checkSecrets(root),
  static: () => checkStatically(root),
};

async function report(name: string, part: () => Promise<Outcome>): Promise<void> {
  const started = performance.now();
  const { failures, warnings, skipped, summary } = await part();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const state = skipped ? `SKIPPED: ${skipped}` : failures.length > 0 ? 'FAILED' : 'good';
  console.log(`${name}: ${state}${summary && ` (${summary}; ${seconds} s)`}`);
  for (const warning of warnings) console.log(`  warning: ${warning}`);
  for (const failure of failures) console.log(`  ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

if (values.prepare) {
  await prepare();
} else {
  const names = positionals.length > 0 ? positionals : Object.keys(parts);
  await Promise.all(
    names.map((name) => {
      const part = parts[name];
      if (!part) throw new Error(`There is no part ${name}: ${Object.keys(parts).join(', ')}.`);
      return report(name, part);
    }),
  );
}
