import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A step of a scenario: its sentence and the text block under it. */
export interface Sentence {
  readonly text: string;
  readonly block?: string;
}

export interface Scenario {
  readonly feature: string;
  readonly title: string;
  readonly definition: string;
  readonly name: string;
  readonly input: unknown;
  readonly expectations: readonly Sentence[];
}

function sentencesOf(text: string): Sentence[] {
  const sentences: { text: string; block?: string }[] = [];
  let block: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*"""/.test(line)) {
      const last = sentences.at(-1);
      if (block && last) last.block = unindent(block);
      block = block ? undefined : [];
    } else if (block) block.push(line);
    else {
      const sentence = /^\s*(?:Given|When|Then|And)\s+(.*?):?\s*$/.exec(line)?.[1];
      if (sentence) sentences.push({ text: sentence });
    }
  }
  return sentences;
}

function unindent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join('\n');
}

/** The scenarios of the feature files beside this module. */
export function scenarios(): Scenario[] {
  const folder = new URL('./', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.feature'));
  return files.sort().flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8')
      .split(/^\s*Scenario: /m)
      .slice(1)
      .map((text) => {
        const sentences = sentencesOf(text);
        const block = (start: RegExp) => sentences.find((one) => start.test(one.text))?.block;
        const definition = block(/a workflow with definition/) ?? '';
        const input = block(/the workflow input is/);
        return {
          feature: file.replace('.feature', ''),
          title: text.split('\n')[0]?.trim() ?? '',
          definition,
          name: parse(definition).document.name,
          input: input === undefined ? {} : parse(input),
          expectations: sentences.slice(sentences.findIndex(({ text }) => text.includes('is executed')) + 1),
        };
      }),
  );
}
