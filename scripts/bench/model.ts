// Speed of the packaged model against all-MiniLM-L6-v2 (int8), texts a second in one process, one thread:
//   npm run bench -- model [--rounds 5]
// MiniLM is in ../shared/models, which is not part of the repository: without it this says so and ends.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { env, type FeatureExtractionPipeline, pipeline } from '@huggingface/transformers';

const packaged = fileURLToPath(new URL('../../models/hydrogen-embed-small-en', import.meta.url));
const shared = fileURLToPath(new URL('../../../shared/models/', import.meta.url));
const other = `${shared}Xenova/all-MiniLM-L6-v2`;
env.allowRemoteModels = false;

const words =
  'the cost of hydrogen from electrolysis depends on power prices and the load of the plant '.split(' ');

/** A text of about so many word pieces; each is different. */
function text(tokens: number, seed: number): string {
  return Array.from({ length: tokens }, (_, i) => words[(i * 7 + seed * 3) % words.length]).join(' ');
}

async function load(folder: string): Promise<FeatureExtractionPipeline> {
  return pipeline('feature-extraction', folder, {
    dtype: 'q8',
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
}

/** CPU milliseconds a text. */
async function cost(embed: FeatureExtractionPipeline, texts: readonly string[]): Promise<number> {
  const before = process.cpuUsage();
  for (const one of texts) await embed(one, { pooling: 'mean', normalize: true });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / texts.length;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
  if (!existsSync(other)) {
    console.log(`Skipped: there is no ${other} to compare with.`);
    return;
  }
  const ours = await load(packaged);
  const theirs = await load(other);
  for (const tokens of [30, 200]) {
    const texts = Array.from({ length: 20 }, (_, i) => text(tokens, i));
    await cost(ours, texts);
    await cost(theirs, texts);
    // The least of several turns: what other programs take is not counted as the model's.
    let [least, leastOther] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < Number(values.rounds); round++) {
      least = Math.min(least, await cost(ours, texts));
      leastOther = Math.min(leastOther, await cost(theirs, texts));
    }
    console.log(
      `${tokens} tokens: packaged ${least.toFixed(2)} ms, MiniLM ${leastOther.toFixed(2)} ms of CPU a text: ${(leastOther / least).toFixed(2)} x as fast (goal 1.8)`,
    );
  }
  await ours.dispose();
  await theirs.dispose();
}

await main();
