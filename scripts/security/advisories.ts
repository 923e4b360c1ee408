// Asks the npm registry which of the packages have known vulnerabilities.
import { type Outcome, skippedBecause } from './outcome.ts';
import type { ShippedPackage } from './shipped.ts';
import { finished } from './tools.ts';

interface Vulnerable {
  readonly severity: string;
  /** Advisories, or names of packages that bring the vulnerable one. */
  readonly via: readonly (
    | string
    | { readonly title: string; readonly url: string; readonly range: string }
  )[];
}

interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerable>>;
  readonly message?: string;
  readonly error?: { readonly summary?: string };
}

/** @param answer what `npm audit --json` printed */
export function readAudit(answer: string, shipped: readonly ShippedPackage[]): Outcome {
  let audit: Audit;
  try {
    audit = JSON.parse(answer) as Audit;
  } catch {
    return skippedBecause('npm audit printed nothing that can be read');
  }
  if (audit.vulnerabilities === undefined) {
    // The rest of the message is the address that was asked.
    const reason = (audit.message ?? audit.error?.summary ?? 'no answer').split(' - ')[0];
    return skippedBecause(`the registry answers no questions about vulnerabilities: ${reason}`);
  }
  const ships = new Set(shipped.map(({ name }) => name));
  const found = Object.entries(audit.vulnerabilities).flatMap(([name, { severity, via }]) =>
    via.flatMap((one) =>
      typeof one === 'string'
        ? []
        : [{ name, line: `${name} ${one.range} (${severity}): ${one.title} ${one.url}` }],
    ),
  );
  return {
    failures: found.filter(({ name }) => ships.has(name)).map(({ line }) => `ships: ${line}`),
    warnings: found.filter(({ name }) => !ships.has(name)).map(({ line }) => `for development only: ${line}`),
    summary: 'all packages of the lock file',
  };
}

export async function checkAdvisories(root: string, shipped: readonly ShippedPackage[]): Promise<Outcome> {
  const { out } = await finished(
    'npm',
    ['audit', '--json', '--audit', '--fetch-timeout=15000', '--fetch-retries=0'],
    root,
  );
  return readAudit(out, shipped);
}
