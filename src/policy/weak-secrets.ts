import type { Config } from '../config.ts';
import { decoded } from '../observability/redact.ts';
import { reveal, type Secret } from '../observability/secret.ts';

/** What stands in examples, and is left there. */
const usual: ReadonlySet<string> = new Set([
  ...['changeme', 'changeit', 'change-me', 'secret', 'password', 'passwd', 'passw0rd', 'default', 'example'],
  ...['admin', 'administrator', 'root', 'guest', 'user', 'test', 'demo', 'dev', 'token', 'apikey', 'key'],
  ...['hydrogen', 'mongo', 'mongodb', 'redis', 'nats', 'qdrant', 'letmein', 'qwerty', 'foobar', 'todo'],
  ...['123456', '12345678', '123456789', '1234567890', 'xxx', 'xxxx', 'xxxxxxxx'],
]);

/** Characters of a key: shorter ones are made by people, or for trying out. */
const minKeyLength = 16;

const plain = (text: string): string => text.toLowerCase().replace(/[\s<>"'{}$]/g, '');

function isUsual(text: string, names: readonly string[]): boolean {
  const word = plain(text);
  const bare = word.replace(/[\d!?._-]+$/, '');
  const all = [...names.map(plain), ...usual];
  return all.some((one) => one !== '' && (one === word || one === bare));
}

/** Why the password in a connection string looks like none; undefined also where there is none, as on a machine of one's own. */
function faultOfUrl(secret: Secret, names: readonly string[]): string | undefined {
  const [, userInfo] = /:\/\/(.*)@/s.exec(reveal(secret)) ?? [];
  if (userInfo === undefined || !userInfo.includes(':')) return undefined;
  const [user = '', ...rest] = userInfo.split(':');
  const password = decoded(rest.join(':'));
  return isUsual(password, [decoded(user), ...names])
    ? 'has a password that others would try first'
    : undefined;
}

function faultOfKey(secret: Secret, names: readonly string[]): string | undefined {
  const key = reveal(secret);
  if (isUsual(key, names)) return 'is what others would try first';
  return key.length < minKeyLength ? `has fewer than ${minKeyLength} characters` : undefined;
}

/** Secrets of the settings that look as if they had been left as they were in an example, by their names, without their texts. */
export function weakSecrets(config: Config): readonly string[] {
  const { mongodbUrl, redisUrl, natsUrl, qdrantApiKey, connections, qdrantCollections, oauth } = config;
  type Named = readonly [string, Secret | undefined, readonly string[]];
  const urls: Named[] = [
    ['mongodbUrl', mongodbUrl, []],
    ['redisUrl', redisUrl, []],
    ['natsUrl', natsUrl, []],
    ...Object.entries(connections).map(([name, { url }]): Named => [`connections.${name}`, url, [name]]),
  ];
  const keys: Named[] = [
    ['qdrantApiKey', qdrantApiKey, []],
    ...qdrantCollections.map(
      ({ name, apiKey }): Named => [`apiKey of qdrantCollections "${name}"`, apiKey, [name]],
    ),
    ...oauth.map(
      ({ issuer, introspection }): Named => [
        `clientSecret of oauth "${issuer}"`,
        introspection?.clientSecret,
        [introspection?.clientId ?? ''],
      ],
    ),
  ];
  const found = (of: typeof faultOfUrl, all: readonly Named[]): string[] =>
    all.flatMap(([name, secret, names]) => {
      const fault = secret && of(secret, names);
      return fault === undefined ? [] : [`${name} ${fault}`];
    });
  return [...found(faultOfUrl, urls), ...found(faultOfKey, keys)];
}
