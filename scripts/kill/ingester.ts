import { connect } from './writer.ts';

export interface Ingester {
  /** Ingests that were answered. */
  readonly count: () => number;
  /** Whether an ingest was under way. @throws Error that one ended with before */
  kill(): Promise<boolean>;
  /** Lets the ingest that is under way end, unless it was killed. @throws Error that it ended with */
  stop(): Promise<void>;
}

/** A server in a process of its own that is asked to ingest the folder again and again. */
export async function startIngester(dataDir: string, folder: string, model: string): Promise<Ingester> {
  const settings = { enableIngest: 'true', folders: folder, embeddingModel: model };
  const { client, pid } = await connect(dataDir, settings);
  let busy = false;
  let stopped = false;
  let killed = false;
  let ingests = 0;
  const ended = (async () => {
    while (!stopped) {
      busy = true;
      const answer = await client.callTool({ name: 'ingest', arguments: { paths: [folder] } });
      if (answer.isError) throw new Error(`ingest: ${JSON.stringify(answer.content)}`);
      busy = false;
      ingests++;
    }
    return undefined;
  })().catch((error: Error) => (killed ? undefined : error));
  return {
    count: () => ingests,
    async kill() {
      if (stopped) return false;
      stopped = true;
      killed = true;
      const was = busy;
      process.kill(pid, 'SIGKILL');
      const failed = await ended;
      await client.close();
      if (failed) throw failed;
      return was;
    },
    async stop() {
      if (killed) return;
      stopped = true;
      const failed = await ended;
      await client.close();
      if (failed) throw failed;
    },
  };
}
