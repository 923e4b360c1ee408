// Asks a server whether it is alive, and whether it is ready to work: exit code 0 or 1, and one line. It needs nothing but Node:
//   node health-check.mjs [URL] [--liveness] [--container]
// URL is http://127.0.0.1:PORT by default, with the port of HYDROGEN_HTTP_PORT or 3800; where that speaks TLS, https.
// --liveness asks only whether it answers. With --container, a container that serves on stdin and stdout is well: it has no port.
import { readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

const timeoutMs = 4_000;
const flags = process.argv.slice(2).filter((one) => one.startsWith('--'));
const [address] = process.argv.slice(2).filter((one) => !one.startsWith('--'));
const port = process.env['HYDROGEN_HTTP_PORT'] ?? '3800';
const path = flags.includes('--liveness') ? '/health/liveness' : '/health/readiness';

/** Status and text of the answer. */
function ask(base) {
  const url = new URL(path, base);
  // The certificate is for the name that clients use; this asks the same machine, and sends nothing that is secret.
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const options = { timeout: timeoutMs, agent: false, rejectUnauthorized: !isHere };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? overHttps : overHttp;
    const sent = request(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text = (text + part).slice(0, 500);
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

async function askHere() {
  try {
    return await ask(`http://127.0.0.1:${port}`);
  } catch (error) {
    // A port that speaks TLS ends a connection that does not.
    if (error.code !== 'ECONNRESET' && !/socket hang up|Parse Error/.test(error.message)) throw error;
    return ask(`https://127.0.0.1:${port}`);
  }
}

function end(code, line) {
  process.stdout.write(`${line}\n`);
  // A request may still be under way.
  process.exit(code);
}

if (flags.includes('--container')) {
  const command = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
  if (!command.includes('--http')) end(0, 'OK: serves on stdin and stdout');
}
try {
  const { status, text } = await (address === undefined ? askHere() : ask(address));
  if (status === 200) end(0, `OK: ${path} answers 200`);
  end(1, `FAILED: ${path} answers ${status} ${text.replace(/\s+/g, ' ').trim()}`);
} catch (error) {
  end(1, `FAILED: ${path}: ${error.code ?? error.message}`);
}
