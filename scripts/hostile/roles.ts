// Generated calls over HTTP by callers of three roles, with secrets planted in what is hidden from them: another tenant's
// rows, hidden fields, a source, a workflow, a password in a connection's URL, the server's paths.
//   npm run hostile -- roles [--calls 10000] [--seed N] [--only FAMILY] [--program path/to/cli.js]
// So many calls a family, the roles in turn, half of them by each protocol. Ends with code 1 where the server ends, fails
// by itself, does not answer, shows what was planted or a path, or words an error badly.
import { parseArgs } from 'node:util';
import { randomNumbers } from '../random.ts';
import { builtProgram } from '../soak/server.ts';
import { openHttp, type RawClient } from './raw-client.ts';
import { families, type GeneratedCall } from './roles/families.ts';
import { type RoleName, roles, startHostileServer } from './roles/server.ts';
import { faultOf } from './roles/verdict.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    program: { type: 'string', default: builtProgram },
  },
});
const calls = Number(values.calls);
const atATime = 4;
const maxShown = 20;

const server = await startHostileServer(values.program);
process.on('exit', () => {
  if (!server.hasEnded()) process.kill(server.pid);
});
const roleNames = Object.keys(roles) as RoleName[];
const clients = new Map<string, RawClient>();
for (const role of roleNames) {
  for (const isModern of [false, true]) {
    const headers = { authorization: `Bearer ${server.keys[role]}` };
    clients.set(`${role} ${isModern}`, await openHttp(server.url, isModern, headers));
  }
}

/** How often each kind of problem was met. */
const problems = new Map<string, number>();
function note(kind: string, what: string): void {
  const known = problems.get(kind) ?? 0;
  problems.set(kind, known + 1);
  if (known < maxShown) console.error(`PROBLEM ${kind}: ${what}`);
}

/** Those who may do most in a family come more often. */
function turnsIn(family: string): readonly RoleName[] {
  if (family === 'changes') return ['clerk', 'analyst', 'clerk', 'stranger', 'clerk'];
  return ['analyst', 'clerk', 'analyst', 'stranger', 'analyst'];
}

/** A name as a header of the protocol of 2026 has it. */
const headerOf = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;

async function send(call: GeneratedCall, role: RoleName, isModern: boolean): Promise<boolean> {
  const { method, params } = call;
  const sent = JSON.stringify(params);
  const name = String(params[method === 'resources/read' ? 'uri' : 'name'] ?? '');
  const answer = await clients.get(`${role} ${isModern}`)?.send({
    method,
    name: headerOf(name),
    params: sent.slice(0, -1),
  });
  if (!answer) throw new Error(`no client for ${role}`);
  const fault = faultOf(sent, { text: answer.whole, isAnswer: answer.isAnswer }, server.paths);
  if (fault)
    note(
      fault,
      `${role}, ${isModern ? 2026 : 2025}: ${method} ${sent.slice(0, 600)} -> ${answer.whole.slice(0, 600)}`,
    );
  return /"isError":true|"error":\{/.test(answer.whole);
}

for (const [name, make] of Object.entries(families)) {
  if (!name.includes(values.only)) continue;
  const chance = randomNumbers(Number(values.seed) * 7_919 + name.length);
  const began = performance.now();
  let [next, refused] = [0, 0];
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (next < calls && !server.hasEnded()) {
        const i = next++;
        const turns = turnsIn(name);
        const role = turns[i % turns.length] as RoleName;
        if (await send(make(chance), role, i % 2 === 1)) refused++;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  console.log(`${name.padEnd(12)} ${next} calls, ${refused} with an error, ${seconds.toFixed(1)} s`);
}
for (const client of clients.values()) client.close();
if (server.hasEnded()) note('the server ended', server.faults.slice(-5).join('\n'));
else await server.stop();
for (const fault of server.faults) note('a failure of the server', fault.slice(0, 1_500));
console.log(
  `Codes: ${[...server.codes]
    .sort()
    .map(([code, count]) => `${code} ${count}`)
    .join(', ')}.`,
);
process.exitCode = problems.size > 0 ? 1 : 0;
