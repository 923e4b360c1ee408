import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cli, root } from './process.ts';

export const collection = 'ledger';

/** Documents that are always written together; without documents they are not there. */
export interface Batch {
  readonly documents: number;
  /** How often they were updated. */
  readonly n: number;
}

/** What one writer knows of its batches, by their names. */
export interface Book {
  readonly acknowledged: Map<string, Batch>;
  /**
   * Writes that were not answered: each may have been made or not, and one that cannot be seen may come to light when
   * the last process has gone and the log is read again.
   */
  readonly pending: Map<string, Batch>;
}

export interface Writer {
  readonly book: Book;
  /** Writes that were acknowledged since the start. */
  readonly count: () => number;
  kill(): Promise<void>;
}

const gone: Batch = { documents: 0, n: 0 };

/** Settings of a server that may write without being asked. */
const mayWrite = { enableWrites: 'true', confirmWrites: 'never' };

/** A server in a process of its own, and its client. */
export async function connect(
  dataDir: string,
  settings: Readonly<Record<string, string>> = mayWrite,
): Promise<{ client: Client; pid: number }> {
  const client = new Client({ name: 'kill', version: '1.0.0' });
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cli, '--data-dir', dataDir, '--log-level', 'silent', ...set],
    cwd: root,
    env: getDefaultEnvironment(),
  });
  await client.connect(transport);
  if (transport.pid === null) throw new Error('the server did not start');
  return { client, pid: transport.pid };
}

/**
 * One write after another: new batches, updates of all documents of one, removals, and values that other writers
 * want for themselves too.
 * @param shared the first number of the values that all want
 */
export function createWriting(
  client: Client,
  name: string,
  book: Book,
  shared: number,
  random: () => number,
): () => Promise<void> {
  let made = 0;

  async function write(batch: string, to: Batch, tool: string, args: object): Promise<void> {
    book.pending.set(batch, to);
    const answer = await client.callTool({ name: tool, arguments: { collection, ...args } });
    const taken = answer.isError === true && JSON.stringify(answer.content).includes('unique index');
    if (answer.isError && !taken) throw new Error(`${tool}: ${JSON.stringify(answer.content)}`);
    book.acknowledged.set(batch, taken ? gone : to);
    book.pending.delete(batch);
  }

  function insert(batch: string, slots: readonly string[]): Promise<void> {
    const documents = slots.map((slot, i) => ({
      _id: `${batch}:${i}`,
      ...{
        batch,
        slot,
        n: 0,
        tags: ['new', `place ${i}`],
        padding: 'x'.repeat(Math.floor(random() * 2_000)),
      },
    }));
    return write(batch, { documents: documents.length, n: 0 }, 'insert', { documents });
  }

  return async function step(): Promise<void> {
    const open = [...book.acknowledged].filter(
      ([known, { documents }]) => documents > 0 && !book.pending.has(known),
    );
    const [batch, state] = open[Math.floor(random() * open.length)] ?? [];
    const choice = random();
    if (choice < 0.2) {
      const slot = `shared ${shared + made++}`;
      return insert(`${name} ${slot}`, [slot]);
    }
    if (batch === undefined || state === undefined || (choice < 0.5 && open.length < 30)) {
      const fresh = `${name} ${shared + made++}`;
      return insert(
        fresh,
        Array.from({ length: 2 + Math.floor(random() * 8) }, (_, i) => `${fresh} ${i}`),
      );
    }
    const filter = { batch };
    if (choice > 0.8) return write(batch, gone, 'delete', { filter, many: true });
    const update = { $inc: { n: 1 }, $push: { tags: `update ${state.n}` } };
    return write(batch, { ...state, n: state.n + 1 }, 'update', { filter, update, many: true });
  };
}

/** Repeats `step` until the server is killed. */
export function untilKilled(client: Client, pid: number, step: () => Promise<void>): Omit<Writer, 'book'> {
  let done = 0;
  let failed: Error | undefined;
  let killed = false;
  const ended = (async () => {
    for (; !killed; done++) await step();
  })().catch((error: Error) => {
    if (!killed) failed = error;
  });
  return {
    count: () => {
      if (failed) throw failed;
      return done;
    },
    async kill() {
      killed = true;
      process.kill(pid, 'SIGKILL');
      await ended;
      await client.close();
      if (failed) throw failed;
    },
  };
}

/** Starts a server and lets it write without a pause until it is killed. */
export async function startWriter(
  dataDir: string,
  name: string,
  book: Book,
  shared: number,
  random: () => number,
): Promise<Writer> {
  const { client, pid } = await connect(dataDir);
  return { book, ...untilKilled(client, pid, createWriting(client, name, book, shared, random)) };
}
