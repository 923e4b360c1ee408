import { execFileSync } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

function canRun(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether there can be certificates. */
export const hasOpenssl = canRun();

/** Makes a certificate for this machine, signed by itself, in place of the one that is there. */
export async function certify(directory: string, days = 2): Promise<CertificateFiles> {
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', String(days)],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', `${key}.new`, '-out', `${cert}.new`],
    ],
    { stdio: 'ignore' },
  );
  await rename(`${key}.new`, key);
  await rename(`${cert}.new`, cert);
  return { cert, key };
}
