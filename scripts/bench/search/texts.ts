import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const handedOut = fileURLToPath(new URL('../../../../shared/data/text/', import.meta.url));
const samples = fileURLToPath(new URL('../../../samples/documents/', import.meta.url));

function handedOutTexts(): string[] {
  return readdirSync(handedOut)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .flatMap((name) =>
      gunzipSync(readFileSync(join(handedOut, name)))
        .toString()
        .trim()
        .split('\n'),
    )
    .map((line) => (JSON.parse(line) as { text: string }).text);
}

function sampleTexts(): string[] {
  return readdirSync(samples, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => readFileSync(join(samples, name), 'utf8').split(/\n\s*\n/))
    .filter((text) => text.length > 80);
}

/** Text number i, different for every i: those at hand, and from their number on again with a variation. */
export function textMaker(longest: number): (i: number) => string {
  const texts = existsSync(handedOut) ? handedOutTexts() : sampleTexts();
  return (i) => {
    const text = (texts[i % texts.length] ?? '').slice(0, longest);
    const round = Math.floor(i / texts.length);
    return round === 0 ? text : `Edition ${round}, part ${i}. ${text}`;
  };
}
