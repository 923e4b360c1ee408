// The SDK for TypeScript, 1.x, whose folder is given. What it does is said in scripts/foreign-clients.ts.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [url, folder] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)).href);
const { Client } = await load('client/index.js');
const { StreamableHTTPClientTransport } = await load('client/streamableHttp.js');
const { ElicitRequestSchema, ResourceListChangedNotificationSchema } = await load('types.js');

const lines = createInterface({ input: process.stdin });
const done = (step) => console.log(`done ${step}`);
async function ask(what) {
  console.log(`ask ${what}`);
  await once(lines, 'line');
}

let changes = 0;
const client = new Client({ name: 'foreign', version: '1' }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { confirm: true } }));
client.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
  changes++;
});

async function call(name, args, expected) {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const text = content.map((block) => block.text ?? '').join('\n');
  if (isError || !text.includes(expected)) throw new Error(`${name}: ${text}`);
}

const transport = new StreamableHTTPClientTransport(new URL(url));
await client.connect(transport);
console.log(`version ${transport.protocolVersion}`);
done('handshake');
const { tools } = await client.listTools();
if (!tools.some(({ name }) => name === 'update')) throw new Error('no tool "update"');
done('list');
await call('search', { query: 'watering the fern' }, 'fern');
done('search');
await call('find', { collection: 'plants' }, 'fern');
done('find');
const change = { collection: 'plants', filter: { _id: 1 }, update: { $set: { checked: true } } };
await call('update', change, '"changed":1');
done('confirmed update');
await ask('idle');
await call('find', { collection: 'plants', filter: { checked: true } }, 'fern');
done('idle beyond the limit');
changes = 0;
await ask('change');
for (const late = Date.now() + 30_000; changes === 0; await new Promise((wake) => setTimeout(wake, 20))) {
  if (Date.now() > late) throw new Error('no list-changed came');
}
done('list-changed');
await ask('restart');
await call('find', { collection: 'plants' }, 'fern');
done('restart');
await client.close();
process.exit(0);
