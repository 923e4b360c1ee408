import { setTimeout as delay } from 'node:timers/promises';
import { type Action, choose } from './action.ts';
import { type Connection, eras, openConnection, type Tally } from './connection.ts';
import type { SampleServer } from './server.ts';

export interface Load {
  readonly server: Pick<SampleServer, 'url' | 'headers'>;
  readonly connections: number;
  /** Calls a second of all connections together, as far as the server answers them. */
  readonly rate: number;
  readonly actions: readonly Action[];
  readonly random: () => number;
  readonly tally: Tally;
  /** When the load ends. */
  readonly signal: AbortSignal;
}

/** About one in so many actions is the last of its client, which leaves; another comes. */
const actionsOfClient = 100;
const shownErrors = 10;

function note(
  { errors }: Tally,
  { id, era }: Pick<Connection, 'id' | 'era'>,
  what: string,
  error: unknown,
): void {
  errors.count++;
  const message = error instanceof Error ? error.message : String(error);
  if (errors.shown.length < shownErrors) errors.shown.push(`${what} (client ${id}, ${era}): ${message}`);
}

async function act(connection: Connection, { actions, random, tally }: Load): Promise<void> {
  const action = choose(actions, random);
  try {
    await action.run(connection);
  } catch (error) {
    note(tally, connection, action.name, error);
  }
}

/** One client after another under the same number, until the time is over. */
async function inhabit(id: number, load: Load): Promise<void> {
  const { server, connections, rate, random, tally, signal } = load;
  const era = eras[id % eras.length] ?? '2026-07-28';
  const pause = (calls: number): Promise<void> =>
    delay(-Math.log(1 - random()) * calls * (connections / rate) * 1_000, undefined, { signal }).catch(
      () => {},
    );
  await pause(1);
  while (!signal.aborted) {
    try {
      const connection = await openConnection(server, id, era, random, tally);
      do {
        await act(connection, load);
        await pause(connection.takeCount());
      } while (!signal.aborted && random() > 1 / actionsOfClient);
      await connection.close();
    } catch (error) {
      note(tally, { id, era }, 'connecting or leaving', error);
      await pause(10);
    }
  }
}

/** Lets so many clients work until the load ends, and waits for their last answers. */
export async function run(load: Load): Promise<void> {
  await Promise.all(Array.from({ length: load.connections }, (_, id) => inhabit(id, load)));
}
