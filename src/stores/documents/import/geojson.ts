import type { DocumentReader } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';
import { jsonFrom } from './json.ts';
import { itemsOf } from './json-member.ts';
import { jsonValuesOf } from './json-values.ts';

/**
 * GeoJSON: each feature of a collection is a document, without reading them all at once; what stands beside them, such as
 * `bbox`, belongs to none. Features alone, one behind the other, are documents, too.
 */
export function geoJson(bytes: FileBytes): DocumentReader {
  return jsonFrom('Feature', async function* () {
    let isCollection = false;
    yield* itemsOf(bytes.read(), 'features', () => {
      isCollection = true;
    });
    if (!isCollection) yield* jsonValuesOf(bytes.read());
  });
}
