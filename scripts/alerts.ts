// A scripted fault against a real Prometheus and Alertmanager: the built server with a Redis is measured under the rules of
// deploy/prometheus; Redis is killed, its alert must come to Alertmanager, and go when Redis is back. So with the server
// itself. No other alert may come. What the rules wait for is shortened to a second: npm run alerts
// Ends with code 1 where an alert does not come or go. What cannot be started here is said, and nothing is checked then.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, startProgram } from '../test/support/servers/program.ts';
import { hasRedis, startRedis } from '../test/support/servers/redis.ts';
import { startHttp } from './demo/connect.ts';
import { alertmanagerProgram, prometheusProgram } from './servers/prometheus.ts';

/** How long an alert may take to come or to go, ms; it takes three seconds where nothing else runs. */
const patienceMs = 30_000;

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const [prometheus, alertmanager] = [prometheusProgram(), alertmanagerProgram()];

if (prometheus === undefined || alertmanager === undefined || !hasRedis) {
  const missing = [
    ...(prometheus === undefined ? ['Prometheus'] : []),
    ...(alertmanager === undefined ? ['Alertmanager'] : []),
    ...(hasRedis ? [] : ['Redis']),
  ];
  console.log(`SKIPPED alerts: there is no ${missing.join(', no ')} here (npm run servers).`);
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-alerts-'));
const [metricsPort, prometheusPort, alertmanagerPort] = [
  await freePort(),
  await freePort(),
  await freePort(),
];

async function writeConfigurations(): Promise<void> {
  const rules = await readFile(join(root, 'deploy/prometheus/alerts.yml'), 'utf8');
  await writeFile(join(folder, 'alerts.yml'), rules.replace(/^( +for:) .*$/gm, '$1 1s'));
  const targets = (port: number): string => `static_configs: [{ targets: ['127.0.0.1:${port}'] }]`;
  await writeFile(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [alerts.yml]
alerting: { alertmanagers: [{ ${targets(alertmanagerPort)} }] }
scrape_configs: [{ job_name: hydrogen, ${targets(metricsPort)} }]
`,
  );
  await writeFile(
    join(folder, 'alertmanager.yml'),
    'route: { receiver: nobody, group_wait: 0s, group_interval: 1s }\nreceivers: [{ name: nobody }]\n',
  );
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
}

/** Those that are firing, `HydrogenBackendDown redis`. */
async function firing(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${alertmanagerPort}/api/v2/alerts?active=true`);
  const alerts = (await answer.json()) as Alert[];
  return alerts.map(({ labels }) => [labels['alertname'], labels['backend'] ?? ''].join(' ').trim());
}

const isMeasured = async (): Promise<boolean> => {
  const query = encodeURIComponent('hydrogen_backend_up == 1');
  const answer = await fetch(`http://127.0.0.1:${prometheusPort}/api/v1/query?query=${query}`);
  return (await answer.text()).includes('"backend":"redis"');
};

/** Waits until something is so, and says how long it took. */
async function sees(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  let found = await isSo();
  for (; !found && performance.now() - began < patienceMs; found = await isSo()) await delay(200);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${found ? 'seen  ' : 'MISSING'} ${what} (${seconds} s)`);
  if (!found) {
    console.log(`        firing: ${(await firing()).join(', ') || 'none'}`);
    process.exitCode = 1;
  }
}

const isFiring = (...names: readonly string[]): Promise<boolean> =>
  firing().then((now) => now.toSorted().join() === names.toSorted().join());

const serve = () =>
  startHttp({
    cli: join(root, 'dist', 'cli.js'),
    dataDir: join(folder, 'data'),
    root,
    env: {
      HYDROGEN_REDIS_URL: redis.url,
      HYDROGEN_EMBEDDING_MODEL: 'none',
      HYDROGEN_METRICS: 'true',
      HYDROGEN_METRICS_PORT: String(metricsPort),
    },
  });

await writeConfigurations();
const redis = await startRedis();
let server = await serve();
const end = async (): Promise<void> => {
  const exited = once(server.child, 'exit');
  server.child.kill('SIGKILL');
  await exited;
};
const manager = await startProgram({
  command: alertmanager[0],
  args: [
    ...alertmanager.slice(1),
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
    '--cluster.listen-address=',
  ],
  port: alertmanagerPort,
});
const watching = await startProgram({
  command: prometheus,
  args: [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'prometheus')}`,
    `--web.listen-address=127.0.0.1:${prometheusPort}`,
    '--rules.alert.resend-delay=1s',
  ],
  port: prometheusPort,
});

try {
  await sees('Prometheus measures the server and Redis', isMeasured);
  await sees('no alert', () => isFiring());
  await redis.kill();
  await sees('Redis is killed: HydrogenBackendDown', () => isFiring('HydrogenBackendDown redis'));
  await redis.restart();
  await sees('Redis is back: no alert', () => isFiring());
  await end();
  await sees('the server is killed: HydrogenAway', () => isFiring('HydrogenAway'));
  server = await serve();
  await sees('the server is back: no alert', () => isFiring());
} finally {
  await end();
  await Promise.all([redis, manager, watching].map((program) => program.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
