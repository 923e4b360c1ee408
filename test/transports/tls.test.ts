import { writeFile } from 'node:fs/promises';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { temporaryDirectory } from '../support/call.ts';
import { certify, hasOpenssl } from '../support/certificate.ts';
import { openedApp } from '../support/connected.ts';

interface Answer {
  readonly status: number;
  /** Of the certificate that the server showed on this connection. */
  readonly fingerprint: string;
  readonly socket: TLSSocket;
}

function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false, ...options }, (response) => {
      const socket = response.socket as TLSSocket;
      const { fingerprint256: fingerprint } = socket.getPeerCertificate();
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, fingerprint, socket }));
    });
    sent.on('error', reject).end();
  });
}

async function served(directory: string) {
  const { cert, key } = await certify(directory);
  const app = await openedApp({ settings: { httpPort: 0, httpTlsCert: cert, httpTlsKey: key } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return { ...server, health: server.url.replace(/mcp$/, 'health') };
}

test.skipIf(!hasOpenssl)('with a certificate the server speaks HTTPS', async () => {
  const { url, health } = await served(await temporaryDirectory());
  expect(url).toMatch(/^https:/);
  expect((await ask(health)).status).toBe(200);
});

test.skipIf(!hasOpenssl)(
  'a certificate that is replaced is shown to new connections; open ones go on',
  async () => {
    const directory = await temporaryDirectory();
    const { health } = await served(directory);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const before = await ask(health, { agent });
    await certify(directory);
    await expect
      .poll(async () => (await ask(health)).fingerprint, { timeout: 30_000, interval: 200 })
      .not.toBe(before.fingerprint);
    const after = await ask(health, { agent });
    expect(after.socket).toBe(before.socket);
    expect(after.status).toBe(200);
  },
);

test.skipIf(!hasOpenssl)('a certificate is read again at once when the server is told to', async () => {
  const directory = await temporaryDirectory();
  const { health, reload } = await served(directory);
  const before = await ask(health);
  await certify(directory);
  await reload();
  expect((await ask(health)).fingerprint).not.toBe(before.fingerprint);
});

test.skipIf(!hasOpenssl)('while a new certificate cannot be used the last one stays', async () => {
  const directory = await temporaryDirectory();
  const { health, reload } = await served(directory);
  const before = await ask(health);
  await writeFile(join(directory, 'cert.pem'), 'half of a certif');
  await reload();
  expect((await ask(health)).fingerprint).toBe(before.fingerprint);
});

test.skipIf(!hasOpenssl)('a key of another certificate is refused at the start', async () => {
  const [one, other] = [await certify(await temporaryDirectory()), await certify(await temporaryDirectory())];
  const app = await openedApp({ settings: { httpPort: 0, httpTlsCert: one.cert, httpTlsKey: other.key } });
  await expect(serveOnHttp(app)).rejects.toThrow(/cannot be used.*httpTlsCert and httpTlsKey/);
});

test('a certificate that is not there is refused at the start, without its path', async () => {
  const cert = join(await temporaryDirectory(), 'none.pem');
  const app = await openedApp({ settings: { httpPort: 0, httpTlsCert: cert, httpTlsKey: cert } });
  const refused = serveOnHttp(app);
  await expect(refused).rejects.toThrow(/ENOENT/);
  await expect(refused).rejects.not.toThrow(/none\.pem/);
});

test.runIf(hasOpenssl)('whoever speaks HTTP to HTTPS is told so (skipped without openssl)', async () => {
  const { url } = await served(await temporaryDirectory());
  const { port } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  socket.write('GET /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toContain('use https:// in the URL');
});
