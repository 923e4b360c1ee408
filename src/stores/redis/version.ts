/** Older servers lack commands that are needed here; those that are supported by their makers are newer. */
const oldest = { major: 6, minor: 2 };

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
  const [, version, major = 0, minor = 0] = /^redis_version:((\d+)\.(\d+)\S*)/m.exec(info) ?? [];
  if (version === undefined) return;
  const isOld =
    Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor);
  if (isOld) throw new OldRedis(version);
}
