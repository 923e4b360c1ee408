// Installs two servers that speak MongoDB's wire protocol, for tests: FerretDB on SQLite (needs Go) and
// mongo-java-server in memory (needs a JDK and Maven). They go into HYDROGEN_MONGO_SERVERS, by default
// ~/.cache/hydrogen-mongo-servers; what is there already is kept. A part that cannot be had is said and
// skipped, so that the command never fails for it: tests that need it are skipped with the reason.
import { install, type ServerName, serverNames } from './mongo-servers/install.ts';
import { installQdrant } from './servers/qdrant.ts';

const labels: Readonly<Record<ServerName, string>> = {
  ferretdb: 'FerretDB 1.24.2',
  'mongo-java-server': 'mongo-java-server 1.47.0',
};

console.log(await installQdrant());
for (const name of serverNames) {
  const started = performance.now();
  const { ready, made, reason } = await install(name);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  const outcome = ready ? (made ? `installed in ${seconds} s` : 'ready') : `SKIPPED: ${reason}`;
  console.log(`${labels[name]}: ${outcome}`);
}
