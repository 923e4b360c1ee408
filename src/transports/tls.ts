import { readFile, stat } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { badInput } from '../errors.ts';
import { codeOf } from '../file-errors.ts';
import type { Logger } from '../observability/log.ts';

export interface TlsFiles {
  /** Path of the certificate, with those that it was signed with (PEM). */
  readonly cert: string;
  /** Path of its private key (PEM). */
  readonly key: string;
}

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate that is read again whenever its files change; open connections go on with the one they began with. */
export interface Tls {
  /** What the server begins with. */
  readonly first: Certificate;
  /** Looks at the files as long as the server is open. */
  follow(server: Server): { reload(): Promise<void>; close(): void };
}

/** How often the files are looked at, ms: links that are exchanged, as in Kubernetes, tell no watcher. */
const lookEveryMs = 2_000;

/** @throws where the files are none, or do not belong together */
export async function readCertificate({ cert, key }: TlsFiles): Promise<Certificate> {
  const [certText, keyText] = await Promise.all([readFile(cert), readFile(key)]);
  createSecureContext({ cert: certText, key: keyText });
  return { cert: certText, key: keyText };
}

/** What tells versions of the files apart. */
async function versionOf(files: TlsFiles): Promise<string> {
  const stats = await Promise.all([files.cert, files.key].map((path) => stat(path)));
  return stats.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(', ');
}

/** @throws HydrogenError `bad_input` where the files cannot be used */
export async function openTls(files: TlsFiles, log: Logger): Promise<Tls> {
  const read = async (): Promise<{ version: string; certificate: Certificate }> => {
    const version = await versionOf(files);
    return { version, certificate: await readCertificate(files) };
  };
  const first = await read().catch((cause: unknown) => {
    const reason = codeOf(cause);
    throw badInput(
      `The certificate for HTTPS cannot be used (settings httpTlsCert and httpTlsKey)${reason && `: ${reason}`}. Both must be files in PEM form that belong together.`,
      { cause },
    );
  });
  return {
    first: first.certificate,
    follow(server) {
      let { version } = first;
      let refused = '';
      async function look(always: boolean): Promise<void> {
        const now = await versionOf(files).catch(() => 'away');
        if (!always && (now === version || now === refused)) return;
        try {
          const found = await read();
          server.setSecureContext(found.certificate);
          version = found.version;
          refused = '';
          log.info('the certificate for HTTPS was read again');
        } catch (err) {
          // One of the two may not have been written yet.
          if (refused !== now)
            log.warn({ err }, 'the new certificate for HTTPS cannot be used: the last one stays');
          refused = now;
        }
      }
      const timer = setInterval(() => void look(false), lookEveryMs).unref();
      return { reload: () => look(true), close: () => clearInterval(timer) };
    },
  };
}
