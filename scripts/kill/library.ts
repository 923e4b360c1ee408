import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Client } from '@modelcontextprotocol/client';

/** What one client knows of its documents: their text by their ids, undefined for one that was taken out. */
export interface Shelf {
  readonly acknowledged: Map<string, string | undefined>;
  /** Changes that were not answered: each may have been made or not. */
  readonly pending: Map<string, string | undefined>;
}

/** One change of the library after another: pages that are added, replaced and removed, files that are ingested. */
export function createShelving(
  client: Client,
  name: string,
  shelf: Shelf,
  folder: string,
  random: () => number,
): () => Promise<void> {
  // Names of one life are not those of another.
  const begun = shelf.acknowledged.size + shelf.pending.size;
  let made = 0;
  const call = async (id: string, to: string | undefined, tool: string, args: object): Promise<void> => {
    shelf.pending.set(id, to);
    const answer = await client.callTool({ name: tool, arguments: { ...args } });
    if (answer.isError) throw new Error(`${tool}: ${JSON.stringify(answer.content)}`);
    shelf.acknowledged.set(id, to);
    shelf.pending.delete(id);
  };
  return async function step(): Promise<void> {
    const number = made++;
    const text = `Page of ${name}, written as ${Math.floor(random() * 1e9)}: a vessel, a valve and a sensor.`;
    if (random() < 0.1) {
      const file = `${name}-${begun}-${number}.md`;
      await writeFile(join(folder, file), text);
      return call(`${basename(folder)}/${file}`, text, 'ingest', { paths: [join(folder, file)] });
    }
    const there = [...shelf.acknowledged].flatMap(([id, held]) =>
      held !== undefined && id.startsWith('inline/') && !shelf.pending.has(id) ? [id] : [],
    );
    const some = there[Math.floor(random() * there.length)];
    const choice = random();
    if (some !== undefined && choice < 0.2) return call(some, undefined, 'remove_document', { id: some });
    const id = some !== undefined && choice < 0.5 ? some : `inline/${name}-${begun}-${number}`;
    return call(id, text, 'add_document', { name: id.slice('inline/'.length), text });
  };
}

/** The texts that are in the file, by their documents. */
export function textsIn(db: DatabaseSync): Map<string, string> {
  const rows = db.prepare('SELECT id, text FROM index_documents JOIN index_texts USING (document)').all();
  return new Map(rows.map((row) => [String(row['id']), String(row['text'])]));
}

/** Compares what a client was told with what there is. */
export function compareShelf({ acknowledged, pending }: Shelf, found: ReadonlyMap<string, string>): void {
  for (const [id, wanted] of acknowledged) {
    const there = found.get(id)?.trim();
    if (there === wanted || (pending.has(id) && there === pending.get(id))) continue;
    throw new Error(`document ${id} is ${JSON.stringify(there)}, acknowledged as ${JSON.stringify(wanted)}`);
  }
  for (const [id, to] of pending) {
    const there = found.get(id)?.trim();
    if (there !== undefined && there !== to && !acknowledged.has(id))
      throw new Error(`document ${id} is half written: ${JSON.stringify(there)}`);
  }
}

/** The same when no process is left: what the client was not told is noted as it is. */
export function settleShelf(shelf: Shelf, found: ReadonlyMap<string, string>): void {
  compareShelf(shelf, found);
  for (const id of shelf.pending.keys()) shelf.acknowledged.set(id, found.get(id)?.trim());
  shelf.pending.clear();
}
