import dgram from 'node:dgram';
import dns from 'node:dns';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';

// Started by confined.test.ts in the place of the process that reads files: it tries every way out of it, and
// tells which of them is open.

const port = Number(process.argv[2]);
const folder = process.argv[3] ?? '';
const host = '127.0.0.1';

type Way = () => unknown;

/** Resolves when something was reached. */
function reached(socket: {
  once(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'connect', listener: () => void): unknown;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
}

const writing = (file: string): string =>
  `require('node:fs').writeFileSync(${JSON.stringify(file)}, 'x'); require('node:net').connect(${port}, '${host}');`;

/** A thread that succeeds in what it must not do. */
function threadThat(code: string, options: object, Class: typeof Worker = Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Class(code, { eval: true, stderr: true, ...options });
    thread.once('error', reject);
    thread.once('exit', (exit) => (exit === 0 ? resolve() : reject(new Error(`exit ${exit}`))));
  });
}

const ways: Readonly<Record<string, Way>> = {
  'net.connect': () => reached(net.connect(port, host)),
  'net.Socket': () => reached(new net.Socket().connect(port, host)),
  'net.Server': () => new net.Server().listen(0, host),
  'a pipe': () => new net.Server().listen(join(folder, 'pipe')),
  'tls.connect': () => reached(tls.connect(port, host)),
  http: async () => (await import('node:http')).get(`http://${host}:${port}/`).on('error', () => {}),
  https: () => https.get(`https://${host}:${port}/`).on('error', () => {}),
  http2: () => reached(http2.connect(`http://${host}:${port}`)),
  'a web server': async () => (await import('node:http')).createServer().listen(0, host),
  fetch: () => fetch(`http://${host}:${port}/`),
  WebSocket: () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${host}:${port}/`);
      socket.onopen = resolve;
      socket.onerror = reject;
    }),
  'dgram.send': () => dgram.createSocket('udp4').send('x', port, host),
  'dgram.Socket': () => Reflect.construct(dgram.Socket, [{ type: 'udp4' }]).bind(0, host),
  'dns.lookup': () => new Promise((resolve) => dns.lookup('localhost', resolve)),
  'dns.Resolver': () => new dns.Resolver(),
  'dns.promises': async () => (await import('node:dns/promises')).lookup('localhost'),
  inspector: async () => (await import('node:inspector')).open(0, host),
  'a builtin asked for': () => reached(process.getBuiltinModule('node:net').connect(port, host)),
  'a thread': () => threadThat(`require('node:net').connect(${port}, '${host}')`, {}),
  'a thread with options': () => threadThat(writing(join(folder, 'written')), { execArgv: [] }),
  'a thread with an environment': () =>
    threadThat(writing(join(folder, 'written')), { env: {}, execArgv: [] }),
  'the class of a thread': () =>
    threadThat(
      writing(join(folder, 'written')),
      { execArgv: [] },
      Worker.prototype.constructor as typeof Worker,
    ),
};

async function isOpen(way: Way): Promise<boolean> {
  try {
    await way();
    return true;
  } catch {
    return false;
  }
}

process.on('uncaughtException', () => {});
const open: string[] = [];
for (const [name, way] of Object.entries(ways)) if (await isOpen(way)) open.push(name);
process.send?.({ tried: Object.keys(ways).length, open });
