// Loaded first into the processes that take files of any origin apart, and into their threads. It takes from them
// what Node's permission model leaves: the network, which that model knows from Node 25 on, and threads with rights
// of their own. What is native or belongs to Node itself cannot be reached around it: bindings, the inspector,
// other programs and native code are refused by the permission model.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import threads from 'node:worker_threads';

function refuse(): never {
  throw Object.assign(new Error('This process may not use the network.'), { code: 'ERR_ACCESS_DENIED' });
}

/** Functions of Node that others build on: http, https, http2, tls and fetch connect and listen through them. */
function take(from: object, names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(from, name, { value: refuse, writable: false, configurable: false });
  }
}

function functionsOf(module: object): string[] {
  return Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
}

take(net.Socket.prototype, ['connect']);
take(net.Server.prototype, ['listen', '_listen2']);
take(net, ['connect', 'createConnection', 'createServer', '_createServerHandle']);
take(dgram.Socket.prototype, ['bind', 'connect', 'send', 'sendto', 'addMembership']);
take(dgram, functionsOf(dgram));
take(dns.promises, functionsOf(dns.promises));
take(dns, functionsOf(dns));

/** A thread would get rights of its own with options of its own (`execArgv`), or an environment of its own. */
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
