import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../call.ts';
import type { StoredKey } from '../policy/api-keys.ts';
import type { Checked, RunsSide, Way } from './sides.ts';

/** As it is at the source; one that was revoked on either side is so on both. */
function joined(ours: StoredKey, theirs: StoredKey | undefined): StoredKey {
  const revokedAt = ours.revokedAt ?? theirs?.revokedAt;
  return { ...ours, ...(revokedAt !== undefined && { revokedAt }) };
}

/**
 * Copies the API keys, those that were revoked, too: where there has never been one, everybody on the machine is the owner.
 * Others of the target stay.
 */
export async function moveApiKeys({ from, to }: Way<RunsSide>, call: Call): Promise<Checked> {
  const keys = await from.apiKeys.list(call);
  if (keys.length === 0) return { compared: [], differences: [] };
  const before = new Map((await to.apiKeys.list(call)).map((key) => [key.id, key]));
  const wanted = keys.map((key) => joined(key, before.get(key.id)));
  for (const key of wanted) {
    if (!isDeepStrictEqual(key, before.get(key.id))) await to.apiKeys.put(key, call);
  }
  const now = new Map((await to.apiKeys.list(call)).map((key) => [key.id, key]));
  const different = wanted.filter((key) => !isDeepStrictEqual(key, now.get(key.id)));
  const there = { count: keys.length - different.length };
  return {
    compared: [{ what: 'API keys', from: { count: keys.length }, to: there }],
    differences: different.map(({ id }) => `API key ${id}`),
  };
}
