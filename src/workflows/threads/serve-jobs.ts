import { parentPort } from 'node:worker_threads';
import { HydrogenError, partsOf } from '../../errors.ts';
import { endMessage, readyMessage } from '../../workers/handle.ts';
import type { JobReply, JobRequest } from './messages.ts';

/**
 * The thread's side of a job thread: handles one job after another until asked to end. `prepare` loads what the jobs
 * need, outside their time limits.
 */
export async function serveJobs<Job>(prepare: () => Promise<(job: Job) => unknown>): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('A job thread must be started as a worker.');
  const reply = (message: JobReply): void => port.postMessage(message);
  const work = await prepare();
  port.on('message', async (request: JobRequest) => {
    if (request === endMessage) {
      port.close();
      return;
    }
    try {
      reply({ result: await work(request.job as Job) });
    } catch (error) {
      // An unexpected error ends the thread: its state can no longer be trusted.
      if (!(error instanceof HydrogenError)) throw error;
      reply({ error: partsOf(error) });
    }
  });
  port.postMessage(readyMessage);
}
