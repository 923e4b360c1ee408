// Loaded first into the processes that parse untrusted files, and into their threads. It closes what Node's permission
// model leaves open: the network, which the model covers only from Node 25 on, and threads with permissions of their
// own. There is no way around it through native code or Node's internals: the permission model refuses bindings, the
// inspector, other programs and native code.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import threads from 'node:worker_threads';

function refuse(): never {
  throw Object.assign(new Error('This process may not use the network.'), { code: 'ERR_ACCESS_DENIED' });
}

/** Blocks the functions that http, https, http2, tls and fetch use to connect and listen. */
function block(from: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(from, name, { value: refuse, writable: false, configurable: false });
  }
}

function functionsOf(module: object): string[] {
  return Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
}

block(net.Socket.prototype, ['connect']);
block(net.Server.prototype, ['listen', '_listen2']);
block(net, ['connect', 'createConnection', 'createServer', '_createServerHandle']);
block(dgram.Socket.prototype, ['bind', 'connect', 'send', 'sendto', 'addMembership']);
block(dgram, functionsOf(dgram));
block(dns.promises, functionsOf(dns.promises));
block(dns, functionsOf(dns));

/** With its own options (`execArgv`) or environment, a thread would get its own permissions. */
const Thread = threads.Worker;
function ConfinedThread(file: string | URL, options: threads.WorkerOptions = {}): threads.Worker {
  const { execArgv: _, env: __, ...rest } = options;
  return new Thread(file, rest);
}
ConfinedThread.prototype = Thread.prototype;
const confined = { value: ConfinedThread, writable: false, configurable: false };
Object.defineProperty(Thread.prototype, 'constructor', confined);
Object.defineProperty(threads, 'Worker', confined);

syncBuiltinESMExports();
