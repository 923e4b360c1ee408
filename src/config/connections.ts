/** The database named after the hosts in a connection string; undefined where the driver will refuse the string. */
export function databaseIn(url: string): string | undefined {
  // A password may contain a "/" that should have been encoded, but no host and no option before it may contain an "@".
  const name = /^mongodb(?:\+srv)?:\/\/(?:[^?]*@)?[^/?]*\/([^?/]+)/.exec(url)?.[1];
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
