import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFolders } from '../../scripts/build/notices.ts';
import { readAudit } from '../../scripts/security/advisories.ts';
import { checkLicences } from '../../scripts/security/licences.ts';
import { checkSbom, type Sbom, sbomOf } from '../../scripts/security/sbom.ts';
import { checkSecrets } from '../../scripts/security/secrets.ts';
import { bundledPackages, installedPackages, type ShippedPackage } from '../../scripts/security/shipped.ts';
import { judge, missedFaults } from '../../scripts/security/static-analysis.ts';
import { installGitleaks } from '../../scripts/security/tools.ts';
import { temporaryDirectory } from '../support/call.ts';
import { root } from '../support/process.ts';

const bundled = (licence: string, text = 'Permission is granted'): ShippedPackage => ({
  ...{ name: 'some', version: '1.2.3', licence, text },
  place: 'bundled',
});

test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-or-later)', 'MIT AND Zlib'])(
  'the licence %s may ship',
  (licence) => {
    expect(checkLicences([bundled(licence)]).failures).toEqual([]);
  },
);

test.each(['GPL-3.0-or-later', 'MIT AND GPL-2.0-only', 'SEE LICENSE IN x', 'UNLICENSED', ''])(
  'the licence "%s" may not ship',
  (licence) => {
    expect(checkLicences([bundled(licence)]).failures).toEqual([
      expect.stringContaining('some 1.2.3 (bundled)'),
    ]);
  },
);

test('what is in the bundle needs the text of its licence', () => {
  expect(checkLicences([bundled('MIT', '')]).failures).toEqual([expect.stringContaining('has no text')]);
});

test('a package inside another one has a notice of its own', () => {
  const inputs = ['node_modules/a/index.js', 'node_modules/a/node_modules/@b/c/lib/x.js', 'src/cli.ts'];
  expect(packageFolders(inputs)).toEqual(['node_modules/a', 'node_modules/a/node_modules/@b/c']);
});

test('what ships is what the bundle has inside, and what is installed beside it', () => {
  const notices = `inside 1.0.0 (MIT)\n\nText\n\n${'-'.repeat(78)}\n\n@a/other 2.0.0 ((MIT AND Zlib))\n\nText\n`;
  const lock = JSON.stringify({
    packages: {
      '': { version: '0.1.0' },
      'node_modules/beside': { version: '3.0.0', license: 'ISC' },
      'node_modules/for-tests': { version: '4.0.0', license: 'MIT', dev: true },
    },
  });
  const shipped = [...bundledPackages(notices), ...installedPackages(lock)];
  expect(shipped.map(({ name, version, licence }) => [name, version, licence])).toEqual([
    ['inside', '1.0.0', 'MIT'],
    ['@a/other', '2.0.0', '(MIT AND Zlib)'],
    ['beside', '3.0.0', 'ISC'],
  ]);
});

const advisory = { title: 'Reads too much', url: 'https://example.com/1', range: '<2' };
const audit = JSON.stringify({ vulnerabilities: { some: { severity: 'high', via: [advisory] } } });

test('a known vulnerability of what ships is a failure', () => {
  expect(readAudit(audit, [bundled('MIT')]).failures).toEqual([
    expect.stringContaining('some <2 (high): Reads too'),
  ]);
});

test('a known vulnerability of what only develops is a warning', () => {
  const { failures, warnings } = readAudit(audit, []);
  expect([failures, warnings]).toEqual([[], [expect.stringContaining('for development only: some <2')]]);
});

test('a registry that answers no questions about vulnerabilities is said, without its address', () => {
  const answer = JSON.stringify({
    message: '405 Method Not Allowed - POST https://registry.example/-/x',
    error: {},
  });
  expect(readAudit(answer, []).skipped).toBe(
    'the registry answers no questions about vulnerabilities: 405 Method Not Allowed',
  );
});

const component = (name: string, version: string): Sbom['components'][number] => ({
  ...{ 'bom-ref': `${name}@${version}`, type: 'library', name, version },
});

const whole: Sbom = {
  bomFormat: 'CycloneDX',
  metadata: { component: component('folder', '0.1.0') },
  components: [component('some', '1.2.3'), component('for-tests', '4.0.0')],
  dependencies: [{ ref: 'folder@0.1.0', dependsOn: ['some@1.2.3', 'for-tests@4.0.0'] }],
};

test('the SBOM names what ships, also from inside other packages, and not what only develops', () => {
  const inside: ShippedPackage = { ...bundled('MIT'), name: 'inside' };
  const sbom = sbomOf(whole, [bundled('MIT'), inside]);
  expect(sbom.components.map(({ name }) => name)).toEqual(['some', 'inside', 'hydrogen-embed-small-en']);
  expect(sbom.dependencies).toEqual([{ ref: 'folder@0.1.0', dependsOn: ['some@1.2.3'] }]);
});

test('an SBOM that lacks what ships is a failure', () => {
  const other: ShippedPackage = { ...bundled('MIT'), version: '1.2.4' };
  expect(checkSbom(whole, [other]).failures).toEqual(['some@1.2.4 ships and is not in it']);
});

const finding = { rule: 'weak-hash', path: 'src/a.ts', line: 3, message: 'can be forged' };
const allowed = { rule: 'weak-hash', path: 'src/a.ts', times: 1, reason: 'a test' };

test('what static analysis finds is a failure, unless it is allowed there', () => {
  expect(judge([finding], []).failures).toEqual(['src/a.ts:3: weak-hash: can be forged']);
  expect(judge([finding], [allowed]).failures).toEqual([]);
});

test('one finding more than is allowed has all of its file looked at again', () => {
  expect(judge([finding, { ...finding, line: 9 }], [allowed]).failures).toHaveLength(2);
});

test('what is allowed and no longer there is said', () => {
  expect(judge([], [allowed]).warnings).toEqual([expect.stringContaining('found 0×')]);
});

test('a rule that does not find what was planted for it is named', () => {
  const faults = '// Planted\ncreateHash("md5"); // weak-hash\neval(x); // code-from-text';
  expect(missedFaults(faults, [{ ...finding, line: 2 }])).toEqual([
    expect.stringContaining('code-from-text, in line 3'),
  ]);
});

test('every rule has a planted fault', async () => {
  const rules = await readFile(join(root, 'scripts/security/rules.yaml'), 'utf8');
  const faults = await readFile(join(root, 'scripts/security/planted-faults.txt'), 'utf8');
  const ids = [...rules.matchAll(/^ {2}- id: (\S+)$/gm)].map(([, id = '']) => id);
  expect(ids.length).toBeGreaterThan(15);
  expect(ids.filter((id) => !faults.includes(`; // ${id}\n`))).toEqual([]);
});

const { ready } = await installGitleaks();

test.skipIf(!ready)(
  'a secret in a tracked file is found, by file and line (skipped without gitleaks)',
  async () => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, 'scripts/security'), { recursive: true });
    await copyFile(
      join(root, 'scripts/security/gitleaks.toml'),
      join(folder, 'scripts/security/gitleaks.toml'),
    );
    const secret = `${'ghp'}_${'x7KqP2mZ9vL4tR8wN3sB6yC1dF5gH0jE4aQz'}`;
    await writeFile(join(folder, 'notes.md'), `First line\n\ntoken: ${secret}\n`);
    const outcome = await checkSecrets(folder, ['notes.md']);
    expect(outcome).toMatchObject({ failures: ['notes.md:3: github-pat'] });
  },
);
