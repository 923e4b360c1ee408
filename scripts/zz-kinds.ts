import { readFileSync } from 'node:fs';
import { startSampleServer, builtProgram } from './soak/server.ts';
import { openConnection, type Tally } from './soak/connection.ts';
import { documentActions } from './soak/documents.ts';
import { collectionActions } from './soak/collections.ts';
import { protocolActions } from './soak/protocol.ts';
import { randomNumbers } from './soak/random.ts';
const [only = '', rounds = '6', each = '300', program = builtProgram] = process.argv.slice(2);
const server = await startSampleServer(program);
const tally: Tally = { calls: new Map(), errors: { shown: [], count: 0 } };
const random = randomNumbers(1);
const actions = [...documentActions(server.folder), ...collectionActions, ...protocolActions].filter((a) => a.name.includes(only));
const rss = () => { const s = readFileSync(`/proc/${server.pid}/status`, 'utf8'); return Math.round(Number(/RssAnon:\s+(\d+)/.exec(s)?.[1]) / 1024); };
const conns = await Promise.all([0, 1, 2, 3].map((i) => openConnection(server.url, i, i % 2 ? '2026-07-28' : '2025-11-25', random, tally)));
for (const action of actions) {
  const seen: number[] = [];
  let err = '';
  const t = performance.now();
  for (let r = 0; r < Number(rounds); r++) {
    let left = Number(each);
    await Promise.all(conns.map(async (c) => { while (left-- > 0) await action.run(c).catch((e) => { err = String(e).slice(0, 200); }); }));
    seen.push(rss());
  }
  console.log(action.name.padEnd(40), seen.join(' '), `${((performance.now() - t) / 1000).toFixed(0)} s`, err);
}
for (const c of conns) await c.close();
await server.stop();
