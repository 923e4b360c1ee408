// The list of what ships, in CycloneDX: what npm knows of the packages in the lock file, less those that do not ship, with
// what is inside other packages' builds and the model.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Outcome } from './outcome.ts';
import type { ShippedPackage } from './shipped.ts';
import { finished } from './tools.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly [member: string]: unknown;
}

export interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: Component; readonly [member: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly [member: string]: unknown;
}

const keyOf = ({ name, version }: { name: string; version: string }): string => `${name}@${version}`;
const model = 'hydrogen-embed-small-en';

function componentOf({ name, version, licence }: ShippedPackage): Component {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const licences = [{ license: { id: licence } }];
  return { 'bom-ref': keyOf({ name, version }), type: 'library', name, version, purl, licenses: licences };
}

/** @param whole what npm knows of everything in the lock file */
export function sbomOf(whole: Sbom, shipped: readonly ShippedPackage[]): Sbom {
  const wanted = new Map(shipped.map((one) => [keyOf(one), one]));
  const known = whole.components.filter((component) => wanted.has(keyOf(component)));
  const names = new Set(known.map(keyOf));
  const inside = [...wanted].filter(([key]) => !names.has(key)).map(([, one]) => componentOf(one));
  const { component, ...metadata } = whole.metadata;
  const { version } = component;
  const main: Component = { ...component, type: 'application', name: 'hydrogen-mcp' };
  const weights: Component = {
    'bom-ref': model,
    type: 'machine-learning-model',
    name: model,
    version,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  };
  const components = [...known, ...inside, weights];
  const refs = new Set([main, ...components].map((one) => one['bom-ref']));
  const dependencies = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...whole, metadata: { ...metadata, component: main }, components, dependencies };
}

/** Every package that ships is named, with its version. */
export function checkSbom(sbom: Sbom, shipped: readonly ShippedPackage[]): Outcome {
  const named = new Set(sbom.components.map(keyOf));
  const missing = shipped.filter((one) => !named.has(keyOf(one)));
  const failures = missing.map((one) => `${keyOf(one)} ships and is not in it`);
  if (sbom.bomFormat !== 'CycloneDX') failures.push('it is not CycloneDX');
  return { failures, warnings: [], summary: `${sbom.components.length} components` };
}

/** Writes it, and checks what was written. */
export async function writeSbom(
  root: string,
  file: string,
  shipped: readonly ShippedPackage[],
): Promise<Outcome> {
  const { code, out, err } = await finished(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    root,
  );
  if (code !== 0) return { failures: [`npm sbom failed: ${err.trim()}`], warnings: [], summary: '' };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(sbomOf(JSON.parse(out) as Sbom, shipped), null, 2)}\n`);
  const written = JSON.parse(await readFile(file, 'utf8')) as Sbom;
  const outcome = checkSbom(written, shipped);
  return { ...outcome, summary: `${outcome.summary}, in ${file.replace(join(root, '/'), '')}` };
}
