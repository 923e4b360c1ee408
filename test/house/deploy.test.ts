import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { finished } from '../../scripts/security/tools.ts';
import { promtoolProgram } from '../../scripts/servers/prometheus.ts';
import { createInstruments } from '../../src/metrics/instruments.ts';
import { temporaryDirectory } from '../support/call.ts';
import { root } from '../support/process.ts';

const unit = join(root, 'deploy/systemd/hydrogen-mcp.service');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('the unit is one that systemd understands (skipped without systemd-analyze)', () => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test.skipIf(!hasSystemd)('the unit leaves the server little to misuse', () => {
  // The scale of systemd: 0 is nothing, 10 everything. It counts the network and the data directory.
  const args = ['security', '--offline=yes', '--threshold=20', unit];
  const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  expect(status, stdout).toBe(0);
});

test('the image is of no more than what runs, as nobody special', async () => {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  const [, image = ''] = dockerfile.split(/^FROM .*bookworm-slim$/m);
  expect(image).toMatch(/^USER node$/m);
  expect(image).toMatch(/^HEALTHCHECK /m);
  expect(image).not.toMatch(/apt-get|curl/);
});

const check = (...args: readonly string[]): ReturnType<typeof finished> =>
  finished(join(root, 'deploy/health_check.sh'), args, root);

async function serverAnswering(status: number): Promise<string> {
  const server = createServer((request, response) => {
    const live = request.url === '/health/liveness';
    response.writeHead(live ? 200 : status).end(JSON.stringify({ status: live ? 'up' : 'down' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('health_check.sh says in one line that a server is ready', async () => {
  expect(await check(await serverAnswering(200))).toMatchObject({
    code: 0,
    out: 'OK: /health/readiness answers 200\n',
  });
});

test('health_check.sh fails for a server that is not ready, and not where only liveness is asked', async () => {
  const url = await serverAnswering(503);
  expect(await check(url)).toMatchObject({
    code: 1,
    out: 'FAILED: /health/readiness answers 503 {"status":"down"}\n',
  });
  expect(await check(url, '--liveness')).toMatchObject({ code: 0 });
});

test('health_check.sh fails where nothing serves', async () => {
  expect(await check('http://127.0.0.1:1')).toMatchObject({
    code: 1,
    out: 'FAILED: /health/readiness: ECONNREFUSED\n',
  });
});

const alerts = join(root, 'deploy/prometheus');
const promtool = promtoolProgram();

test.runIf(promtool)(
  'each alert comes for its cause, and for nothing else (skipped without promtool)',
  async () => {
    const { code, out, err } = await finished(promtool ?? '', ['test', 'rules', 'alerts.test.yml'], alerts);
    expect(code, out + err).toBe(0);
  },
);

test('every alert has a test', async () => {
  const tests = await readFile(join(alerts, 'alerts.test.yml'), 'utf8');
  const names = [...(await rules()).matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !tests.includes(`alertname: ${name}`))).toEqual([]);
});

const rules = (): Promise<string> => readFile(join(alerts, 'alerts.yml'), 'utf8');

/** The expressions of the dashboard, with the values that Grafana would put in. */
async function expressions(): Promise<string[]> {
  const dashboard = await readFile(join(root, 'deploy/grafana/hydrogen.json'), 'utf8');
  return [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(([, expression = '""']) =>
    (JSON.parse(expression) as string).replace('$__rate_interval', '1m').replace('$instance', '.*'),
  );
}

/** Every name of a series, those of histograms included. */
function known(): ReadonlySet<string> {
  const metrics = createInstruments().register.getMetricsAsArray();
  const series = metrics.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]);
  return new Set(series);
}

test('dashboard and alerts ask for metrics that there are', async () => {
  const asked = [...(await expressions()), await rules()].flatMap((text) =>
    [...text.matchAll(/\b(?:hydrogen|nodejs|process)_\w+/g)].map(([name]) => name),
  );
  expect(new Set(asked).size).toBeGreaterThan(15);
  expect(asked.filter((name) => !known().has(name))).toEqual([]);
});

test('every metric of ours is documented', async () => {
  const documented = await readFile(join(root, 'docs/operations.md'), 'utf8');
  const names = createInstruments()
    .register.getMetricsAsArray()
    .map(({ name }) => name);
  const own = names.filter((name) => name.startsWith('hydrogen_'));
  expect(own.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

test.runIf(promtool)('Prometheus can read what the dashboard asks (skipped without promtool)', async () => {
  const all = await expressions();
  const recorded = all.map((expr, i) => ({ record: `panel:${i}`, expr }));
  const file = join(await temporaryDirectory(), 'rules.yml');
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
  const { code, out, err } = await finished(promtool ?? '', ['check', 'rules', file], root);
  expect(code, out + err).toBe(0);
});
