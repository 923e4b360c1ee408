import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { GivenSettings } from '../../src/config.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { call, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { eras, openedApp } from '../support/connected.ts';
import { bare, httpClient, stdioClient } from '../support/process.ts';

const data = { 'grüne plants': [{ _id: 1 }] };
const args = { collection: 'grüne plants' };

async function served(
  settings: Partial<GivenSettings> = {},
  given: typeof data | object = data,
): Promise<HttpServer> {
  const app = await openedApp({ data: given as typeof data, settings: { httpPort: 0, ...settings } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return server;
}

/** The address at the end of the answer to a person. */
async function exported(url: string, era: (typeof eras)[number] = '2025-11-25'): Promise<string> {
  const answer = await call(await httpClient(url, era), 'export', args);
  expect(answer.content.map(({ type }) => type)).toEqual(['text', 'resource_link']);
  const [text, address = ''] = summaryOf(answer).split('\n');
  expect(text).toMatch(/at the address below, for a day\.$/);
  return address;
}

test.each(eras)(
  'over HTTP a person opens the link in the text of an export to a client of %s',
  async (era) => {
    const { url } = await served();
    const address = await exported(url, era);
    expect(address).toMatch(new RegExp(`^${url.replace('/mcp', '')}/exports/`));
    const opened = await fetch(address);
    expect(opened.status).toBe(200);
    expect(opened.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''gr%C3%BCne%20plants.jsonl",
    );
    expect(opened.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await opened.text()).toBe('{"_id":1}\n');
  },
);

test('a link that was changed, made up, or leads to a file that is gone, opens nothing and says so', async () => {
  const { url } = await served();
  const [address, other] = [await exported(url), await exported(url)];
  const signature = /\.([^./]+)\/[^/]+$/;
  const mixed = address.replace(signature.exec(address)?.[1] ?? '', signature.exec(other)?.[1] ?? '');
  for (const bad of [
    mixed,
    `${url.replace('/mcp', '')}/exports/keys.json`,
    `${url.replace('/mcp', '')}/exports/`,
  ]) {
    const refused = await fetch(bad);
    expect(refused.status, bad).toBe(404);
    expect(await refused.text()).toMatch(/Export the documents again/);
  }
});

test.each(['POST', 'PUT', 'DELETE'])(
  'a link is only read: %s is refused without repeating it',
  async (method) => {
    const address = await exported((await served()).url);
    const refused = await fetch(address, { method });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await refused.text()).toMatch(/is not allowed at \/exports\/…: use GET, HEAD/);
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
  },
);

test('a link leads nowhere where the tool is switched off', async () => {
  const dataDir = await temporaryDirectory();
  const { url } = await served({ dataDir });
  const { pathname } = new URL(await exported(url));
  const without = await served({ dataDir, disabledTools: ['export'] }, {});
  expect((await fetch(new URL(pathname, without.url))).status).toBe(404);
  const restarted = await served({ dataDir }, {});
  expect((await fetch(new URL(pathname, restarted.url))).status).toBe(200);
});

test('a page of another name reaches no export', async () => {
  const address = await exported((await served()).url);
  const status = await new Promise((resolve, reject) => {
    request(address, { headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(403);
});

test.each(eras)('on stdio the text of an export has the path of the file for a client of %s', async (era) => {
  const dataDir = await temporaryDirectory();
  await openedApp({ data, settings: { dataDir } });
  const { client } = await stdioClient({ ...bare, dataDir }, era);
  const path = summaryOf(await call(client, 'export', args)).split('\n')[1] ?? '';
  expect(await readFile(path, 'utf8')).toBe('{"_id":1}\n');
});
