/** Entries that are looked at, at most, for those that are wanted. */
const maxLooked = 5_000;

/**
 * The newest that are wanted, `limit` of them: looks further back where some are not, so that a list does not end with them.
 * @param read the newest so many of all
 */
export async function newestThat<Entry>(
  isWanted: (entry: Entry) => boolean,
  limit: number,
  read: (limit: number) => Promise<readonly Entry[]>,
): Promise<readonly Entry[]> {
  for (let looked = limit; ; looked = Math.min(looked * 4, Math.max(maxLooked, limit))) {
    const found = await read(looked);
    const wanted = found.filter(isWanted).slice(0, limit);
    if (wanted.length === limit || found.length < looked || looked >= maxLooked) return wanted;
  }
}
