import type { Document } from '../../../mql/formats.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { WriteAccess } from '../document-server.ts';

/**
 * Actions by which documents, collections or the rights to them are changed, as in
 * https://www.mongodb.com/docs/manual/reference/privilege-actions/
 */
const changing: ReadonlySet<unknown> = new Set(
  'anyAction insert update remove createCollection dropCollection createIndex dropIndex dropDatabase collMod convertToCapped renameCollectionSameDB createUser createRole grantRole grantPrivilegesToRole updateUser updateRole'.split(
    ' ',
  ),
);
/** Places that are named; the rest is not needed to act on it. */
const maxNamed = 3;

const isList = (value: unknown): value is readonly Document[] => Array.isArray(value);

/** A resource of a privilege, in words. */
function placeOf(resource: Document = {}): string {
  const { db, collection } = resource;
  if (typeof db !== 'string' || typeof collection !== 'string') return 'the whole server';
  if (db === '') return collection === '' ? 'all databases' : `"${collection}" in all databases`;
  return collection === '' ? `database "${db}"` : `"${db}.${collection}"`;
}

/**
 * What the reply to `connectionStatus` with `showPrivileges` says.
 * @returns undefined where it says nothing of privileges, as other servers than MongoDB do
 */
export function writeAccessIn(reply: Document): WriteAccess | undefined {
  const { authenticatedUsers: users, authenticatedUserPrivileges: privileges } = (reply['authInfo'] ??
    {}) as Document;
  if (!isList(users) || !isList(privileges)) return undefined;
  if (users.length === 0) return { kind: 'anybody' };
  // Somebody who is signed in has at least the right to nothing, which MongoDB lists, too.
  if (privileges.length === 0) return undefined;
  const places = privileges
    .filter(({ actions }) => isList(actions) && actions.some((action: unknown) => changing.has(action)))
    .map(({ resource }) => placeOf(resource as Document));
  if (places.length === 0) return { kind: 'none' };
  return { kind: 'some', places: [...new Set(places)].slice(0, maxNamed) };
}

/** Whether the user in use could write, as far as the server tells. */
export async function writeAccess({ client, call, options }: ServerSession): Promise<WriteAccess> {
  try {
    const command = { connectionStatus: 1, showPrivileges: true };
    const { signal } = options();
    const found = writeAccessIn(await client.db('admin').command(command, { signal }));
    if (found?.kind !== 'anybody') return found ?? { kind: 'unknown' };
    // Where users have to sign in, nobody lists databases without.
    await client.db('admin').command({ listDatabases: 1, nameOnly: true }, { signal });
    return found;
  } catch (error) {
    if (call.signal.aborted || (error as { name?: unknown }).name !== 'MongoServerError') throw error;
    return { kind: 'unknown' };
  }
}
