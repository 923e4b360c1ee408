import type { Config } from '../config.ts';
import type { Problems } from './problems.ts';

/** Adds what cannot work: a collection without a server or model, or with the name of another origin of documents. */
export function checkQdrantCollections(config: Config, problems: Problems): void {
  const { qdrantCollections, collectionSources, qdrantUrl, embeddingModel } = config;
  const taken = new Set(['inline', ...collectionSources.map(({ name, collection }) => name ?? collection)]);
  for (const { name, url, model } of qdrantCollections) {
    const where = `Setting "qdrantCollections", collection "${name}"`;
    if (taken.has(name)) problems.add(`${where}: the name is already used. Give each its own "name".`);
    taken.add(name);
    if (url === undefined && qdrantUrl === undefined) {
      problems.add(`${where}: no setting says where its server is: set "url", or qdrantUrl.`);
    }
    if ((model ?? embeddingModel) === 'none') {
      problems.add(
        `${where}: nothing can be compared with the model "none": set "model" to the one that made its vectors.`,
      );
    }
  }
}
