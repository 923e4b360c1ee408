import { badInput } from '../../errors.ts';
import type { Namespace } from './document-store.ts';

/** From https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions, in bytes. */
const maxBytes = { database: 63, namespace: 255 };

/**
 * Checks the names of a new collection by MongoDB's rules.
 * @throws HydrogenError `bad_input`
 */
export function assertNewNames({ database, collection }: Namespace): void {
  if (database === '' || /[/\\. "$\0]/.test(database) || Buffer.byteLength(database) > maxBytes.database) {
    throw badInput(
      `A new database cannot be named ${JSON.stringify(database)}: up to ${maxBytes.database} bytes without spaces and / \\ . " $.`,
    );
  }
  const whole = `${database}.${collection}`;
  if (
    collection === '' ||
    /^\.|\.$|\.\.|[$\0]/.test(collection) ||
    Buffer.byteLength(whole) > maxBytes.namespace
  ) {
    throw badInput(
      `A new collection cannot be named ${JSON.stringify(collection)}: up to ${maxBytes.namespace - Buffer.byteLength(database) - 1} bytes without $, not beginning or ending with ".".`,
    );
  }
  if (collection.startsWith('system.')) {
    throw badInput('A new collection cannot be named "system.…": such names are the server\'s own.');
  }
}
