import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { clauses, complaint, figures } from './figures.ts';
import { body } from './prose.ts';

const samples = new URL('../../samples/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, samples), 'utf8').replaceAll('\r\n', '\n');
const documents = readdirSync(new URL('documents/', samples));
const pages = documents.filter((name) => name.endsWith('.md'));
const frontMatter = (page: string) => parse(/^---\n([\s\S]*?)\n---\n/.exec(page)?.[1] ?? '') as unknown;

describe('every figure of a sample document is in a table and cited', () => {
  test.each(documents)('%s', (name) => {
    expect(
      clauses(name, read(`documents/${name}`))
        .map(complaint)
        .filter(Boolean),
    ).toEqual([]);
  });

  test('an edited figure is caught, whichever it is', () => {
    const cited = documents.flatMap((name) => clauses(name, read(`documents/${name}`)));
    const missed = cited.flatMap(({ text, key }) =>
      figures(text).flatMap(({ at, length }) => {
        const digit = Number(text[at + length - 1]);
        const edited = `${text.slice(0, at + length - 1)}${(digit + 1) % 10}${text.slice(at + length)}`;
        return complaint({ text: edited, key }) === undefined ? [`${edited}[${key}]`] : [];
      }),
    );
    expect(missed).toEqual([]);
  });

  test('an edited unit, a number with no citation, an unknown key and an amount in words are caught', () => {
    const of = (sentence: string) => clauses('a.md', sentence).map(complaint).find(Boolean);
    expect(of('A plant needs 53.4 kWh per kg in 2020 [Holst-2021].')).toBeUndefined();
    expect(of('A plant needs 53.4 MWh per kg in 2020 [Holst-2021].')).toMatch(/no single row of Holst-2021/);
    expect(of('A plant costs 663 EUR2019 per kW in 2020 [Holst-2021].')).toMatch(
      /no single row of Holst-2021/,
    );
    expect(of('A plant needs 53.4 kWh per kg.')).toMatch(/no citation/);
    expect(of('A plant needs 53.4 kWh per kg [Holst-2001].')).toMatch(/neither .bib file/);
    expect(of('A plant has 3 pumps [Holst-2021].')).toMatch(/without a known unit/);
    expect(of('A plant loses a third of the energy.')).toMatch(/amount in words/);
  });

  test('several of the pages cite figures, and some hold none', () => {
    const counts = pages.map(
      (name) => clauses(name, read(`documents/${name}`)).flatMap(({ text }) => figures(text)).length,
    );
    expect(counts.filter((count) => count >= 2).length).toBeGreaterThanOrEqual(8);
    expect(counts.filter((count) => count === 0).length).toBeGreaterThanOrEqual(4);
  });
});

describe('the pages are a small library', () => {
  test('there are between 12 and 20 Markdown pages, and other formats beside them', () => {
    expect(pages.length).toBeGreaterThanOrEqual(12);
    expect(pages.length).toBeLessThanOrEqual(20);
    const formats = new Set(documents.map((name) => name.split('.').at(-1)));
    expect([...formats].sort()).toEqual(['csv', 'html', 'json', 'md', 'txt']);
  });

  test.each(pages)('%s has 300 to 900 words, front matter and ordered headings', (name) => {
    const page = read(`documents/${name}`);
    const words = body(page).trim().split(/\s+/).length;
    expect(words).toBeGreaterThanOrEqual(300);
    expect(words).toBeLessThanOrEqual(900);
    expect(frontMatter(page)).toEqual({
      title: expect.any(String),
      topic: expect.stringMatching(/^(production|storage|transport|safety|use|cost)$/),
      tags: expect.arrayContaining([expect.any(String)]),
      updated: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
    const levels = [...body(page).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
  });

  test('no title occurs twice', () => {
    const titles = pages.map((name) => (frontMatter(read(`documents/${name}`)) as { title: string }).title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('both upstream tables come with their licence and source', () => {
  test('POSTED is CC BY 4.0', () => {
    expect(read('data/h2_posted/LICENSE-data.md')).toMatch(/Philipp C\. Verpoort.*CC BY 4\.0/);
    expect(read('data/h2_posted/SOURCE.md')).toMatch(/github\.com\/PhilippVerpoort\/posted/);
    expect(read('README.md')).toMatch(/Philipp C\. Verpoort[\s\S]*creativecommons\.org\/licenses\/by\/4\.0/);
  });

  test('h-transport-materials is MIT', () => {
    expect(read('data/h2_transport_materials/LICENSE')).toMatch(
      /MIT License\s+Copyright \(c\) 2022 Rémi Delaporte-Mathurin/,
    );
    expect(read('data/h2_transport_materials/SOURCE.md')).toMatch(/github\.com\/RemDelaporteMathurin/);
    expect(read('README.md')).toMatch(/Rémi Delaporte-Mathurin[\s\S]*MIT/);
  });
});
