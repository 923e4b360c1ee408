import type { MongoClient } from 'mongodb';

interface RunRow {
  readonly _id: string;
  /** How many of its records count. */
  readonly seq: number;
}

interface RecordRow {
  /** The run, "/" and the number of the record. */
  readonly _id: string;
  readonly steps: readonly { readonly reference: string; readonly state: string }[];
}

/** How many steps the journal says have ended, and how many of them it says so of more than once. */
export async function journaledSteps(mongo: MongoClient): Promise<{ steps: number; twice: number }> {
  const db = mongo.db('hydrogen');
  const counted = new Map(
    (await db.collection<RunRow>('runs').find({}).toArray()).map(({ _id, seq }) => [_id, seq]),
  );
  const ended = new Map<string, number>();
  for await (const { _id, steps } of db.collection<RecordRow>('run_records').find({})) {
    const [run = '', number] = _id.split('/');
    if (Number(number) > (counted.get(run) ?? 0)) continue;
    for (const { reference, state } of steps) {
      if (state === 'running') continue;
      const step = `${run} ${reference}`;
      ended.set(step, (ended.get(step) ?? 0) + 1);
    }
  }
  const twice = [...ended.values()].filter((times) => times > 1).length;
  return { steps: ended.size, twice };
}
