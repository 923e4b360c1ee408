/** Older servers lack commands that are needed here; those that are supported by their makers are newer. */
const oldestMajor = 6;

/** The server is older than what is needed. */
export class OldRedis extends Error {
  readonly version: string;

  constructor(version: string) {
    super(`Redis ${version}`);
    this.version = version;
  }
}

/**
 * @param info what the server says of itself (`INFO`)
 * @throws OldRedis
 */
export function assertRecent(info: string): void {
  const [, version = '', major = ''] = /^redis_version:((\d+)\S*)/m.exec(info) ?? [];
  if (version !== '' && Number(major) < oldestMajor) throw new OldRedis(version);
}
