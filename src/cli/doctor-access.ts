import { X509Certificate } from 'node:crypto';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Part } from '../observability/health.ts';
import { isUsable, type StoredKey } from '../policy/api-keys.ts';
import { readableByOthers } from '../policy/readable-secrets.ts';
import { weakSecrets } from '../policy/weak-secrets.ts';
import { similarNames } from '../similar-names.ts';
import { readCertificate } from '../transports/tls.ts';

/** What ends sooner is told, ms. */
const soonMs = 30 * 24 * 3_600_000;

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

const warning = (name: string, detail: string, action: string): Part => ({
  ...{ name, state: 'degraded', detail, action },
});

/** Files with secrets that other users of this machine can read, and secrets that look like those of an example. */
async function secrets({ config, secretFiles }: LoadedConfig): Promise<Part[]> {
  const files = await readableByOthers(secretFiles);
  const weak = weakSecrets(config);
  return [
    ...(files.length === 0
      ? []
      : [
          warning(
            'secrets',
            `other users of this machine can read ${files.join(', ')}`,
            `Take that from them (chmod 600 ${files.join(' ')}), and give out a new secret where somebody may have read it.`,
          ),
        ]),
    ...(weak.length === 0
      ? []
      : [
          warning(
            'secrets',
            weak.join('; '),
            'Generate random ones, for example with `openssl rand -base64 32`.',
          ),
        ]),
  ];
}

/** A certificate with which no server begins, that has ended, or soon does. */
async function certificate({ httpTlsCert, httpTlsKey }: App['config']): Promise<Part[]> {
  if (httpTlsCert === undefined || httpTlsKey === undefined) return [];
  try {
    const { cert } = await readCertificate({ cert: httpTlsCert, key: httpTlsKey });
    const ends = Date.parse(new X509Certificate(cert).validTo);
    if (ends > Date.now() + soonMs) return [];
    const when = ends < Date.now() ? 'ended' : 'ends';
    return [
      warning(
        'certificate',
        `the one for HTTPS ${when} on ${dateOf(ends)}`,
        'Put a new one and its key in the place of the files of httpTlsCert and httpTlsKey: a running server reads them by itself.',
      ),
    ];
  } catch {
    return [
      warning(
        'certificate',
        'the one for HTTPS cannot be used: no server begins with it, and one that runs keeps the last one',
        'httpTlsCert and httpTlsKey have to name files in PEM form that belong together and that this user can read.',
      ),
    ];
  }
}

const nameOf = ({ name, id }: StoredKey): string => `"${name}" (${id})`;

function* keyFaults(keys: readonly StoredKey[], roles: readonly string[]): Generator<[string, string]> {
  const gone = keys.flatMap((key) =>
    (key.roles ?? []).filter((role) => !roles.includes(role)).map((role) => ({ key, role })),
  );
  for (const { key, role } of gone) {
    const [near] = similarNames(role, roles);
    const hint = near === undefined ? '' : ` (there is "${near}")`;
    yield [
      `${nameOf(key)} has the role "${role}", which the settings do not have${hint}`,
      'A role that there is not allows nothing: add it to roles, or make the key anew with one that there is.',
    ];
  }
  const ending = keys.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt < Date.now() + soonMs);
  for (const key of ending) {
    yield [
      `${nameOf(key)} ends on ${dateOf(key.expiresAt ?? 0)}`,
      'Make a new key in time: `hydrogen keys create NAME --scopes …`.',
    ];
  }
  for (const [name, all] of Map.groupBy(keys, (key) => key.name)) {
    if (all.length > 1) {
      yield [
        `${all.length} keys are called "${name}": ${all.map(({ id }) => id).join(', ')}`,
        'Revoke those that nobody uses: `hydrogen keys list` says when each was used last.',
      ];
    }
  }
}

async function apiKeys({ apiKeys: stored, config }: App, call: Call): Promise<Part[]> {
  // A store that does not answer is told of by its own part.
  const keys = await stored.list(call).catch(() => []);
  const faults = [...keyFaults(keys.filter(isUsable), Object.keys(config.roles))];
  if (faults.length === 0) return [];
  const actions = [...new Set(faults.map(([, action]) => action))];
  return [warning('API keys', faults.map(([detail]) => detail).join('; '), actions.join(' '))];
}

/** Connections that are to be read only, whose user the server would let write. */
async function readOnlyConnections({ connections }: App, call: Call): Promise<Part[]> {
  const parts = connections.all.map(async ({ name, writeAccess }): Promise<Part | undefined> => {
    // A server that does not answer is told of by its own part.
    const access = await writeAccess?.(call).catch(() => undefined);
    const of = `connection ${name}`;
    const advice =
      'readOnly keeps this program from writing; give it a user that can only read (in MongoDB the role "read" on the databases that are queried).';
    switch (access?.kind) {
      case 'some':
        return warning(of, `readOnly is set, and its user can write in ${access.places.join(', ')}`, advice);
      case 'anybody':
        return warning(of, 'readOnly is set, and the server lets anybody write without signing in', advice);
      case 'unknown':
        return {
          ...{ name: of, state: 'up' },
          detail: 'readOnly is set; whether its user could write cannot be found out from this server',
        };
      default:
        return undefined;
    }
  });
  return (await Promise.all(parts)).filter((part) => part !== undefined);
}

async function rules(app: App, call: Call): Promise<Part[]> {
  if (Object.keys(app.config.roles).length === 0) return [];
  // It loads the whole query language.
  const { ruleFaults } = await import('./doctor-rules.ts');
  return ruleFaults(app, call);
}

/** What is wrong with who may come in, and with what keeps others out; only `doctor` shows it. */
export async function accessFaults(app: App, loaded: LoadedConfig, call: Call): Promise<Part[]> {
  return [
    ...(await secrets(loaded)),
    ...(await certificate(app.config)),
    ...(await apiKeys(app, call)),
    ...(await readOnlyConnections(app, call)),
    ...(await rules(app, call)),
  ];
}
