// Asks a server every so often whether it lives, in a process of its own, so that nothing else that is going on
// where the load comes from is measured with it. Arguments: URL, interval (ms).
import { Agent, get } from 'node:http';

const [url = '', interval = '100'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** Longer than any answer may take. */
const patienceMs = 60_000;

/** How long the answer took, ms, or what went wrong. */
function ask(): Promise<number | string> {
  const began = performance.now();
  return new Promise((resolve) => {
    const asked = get(url, { agent, timeout: patienceMs }, (response) => {
      response.resume().on('end', () => {
        const took = performance.now() - began;
        resolve(response.statusCode === 200 ? took : `status ${response.statusCode}`);
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs} ms`)));
    asked.on('error', (error) => resolve(error.message));
  });
}

process.on('disconnect', () => process.exit());
for (;;) {
  const began = performance.now();
  process.send?.(await ask());
  const left = Number(interval) - (performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, left)));
}
