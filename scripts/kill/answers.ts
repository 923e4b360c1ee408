import type { Client } from '@modelcontextprotocol/client';
import type { ChangingFolder } from './changing-folder.ts';
import { hydrogen } from './process.ts';

interface Hit {
  readonly document: string;
  readonly text: string;
}

async function ask(client: Client, args: object): Promise<readonly Hit[]> {
  const answer = await client.callTool({ name: 'search', arguments: { ...args } });
  const [summary = '', lines] = answer.content.map((block) => (block.type === 'text' ? block.text : ''));
  if (answer.isError) throw new Error(`search: ${summary}`);
  return lines === undefined ? [] : lines.split('\n').map((line) => JSON.parse(line) as Hit);
}

/**
 * What stands in the folder is found in its place, by words and meaning in a new process and by words in one
 * that has seen all changes; what is gone is not found.
 * @param settings of the new process
 */
export async function assertAnswers(
  dataDir: string,
  folder: ChangingFolder,
  reader: Client,
  settings: readonly string[],
): Promise<void> {
  const { number, document } = folder.somePage();
  const { rows, summary } = hydrogen<{ rows: readonly Hit[]; summary: string }>(
    dataDir,
    ...settings,
    'search',
    number,
  );
  if (rows[0]?.document !== document || !rows[0].text.includes(number) || !summary.includes('(hybrid)'))
    throw new Error(`${number} of ${document} is answered by ${rows[0]?.document}: ${summary}`);
  const seen = await ask(reader, { query: number, mode: 'keyword' });
  if (seen.length !== 1 || seen[0]?.document !== document)
    throw new Error(
      `${number} of ${document} is answered by ${JSON.stringify(seen)} to a server that was there`,
    );
  const lost = folder.removedNumber();
  if (lost === undefined) return;
  const found = await ask(reader, { query: lost, mode: 'keyword' });
  if (found.length > 0) throw new Error(`${lost} is still found in ${found[0]?.document}`);
}
