import { expect, test } from 'vitest';
import { chunkDocument } from '../../src/library/chunk.ts';
import { decodeText } from '../../src/library/decode.ts';
import { loaders } from '../../src/library/loaders/loaders.ts';
import type { DocumentType } from '../../src/library/loaders/types.ts';

function chunks(type: DocumentType, text: string) {
  const { blocks } = loaders[type](text, 'file');
  return chunkDocument('docs/file', blocks).map(({ heading, lines, text: chunk }) => ({
    heading,
    lines,
    text: chunk,
  }));
}

test('Markdown: passages follow headings of both styles, and code is no heading', () => {
  const text = `# Plant

Intro.

Safety
------

\`\`\`sh
# not a heading
\`\`\`

### Valves \`V1\` ###

Shut **slowly**.`;

  expect(chunks('markdown', text)).toEqual([
    { heading: ['Plant'], lines: [3, 3], text: 'Intro.' },
    { heading: ['Plant', 'Safety'], lines: [8, 10], text: '```sh\n# not a heading\n```' },
    { heading: ['Plant', 'Safety', 'Valves V1'], lines: [14, 14], text: 'Shut **slowly**.' },
  ]);
});

test('Markdown: a heading with nothing below it is still found', () => {
  expect(chunks('markdown', '# Plan\n\n## Later\n\n## Now\n\nWork.')).toEqual([
    { heading: ['Plan', 'Later'], lines: [3, 3], text: '## Later' },
    { heading: ['Plan', 'Now'], lines: [7, 7], text: 'Work.' },
  ]);
});

test('Markdown: broken front matter is text', () => {
  const { metadata, title } = loaders.markdown('---\na: [1\n---\n# Page\n', 'page.md');

  expect({ metadata, title }).toEqual({ metadata: {}, title: 'Page' });
});

test('Markdown: a long table is divided between rows, each part with its header', () => {
  const rows = Array.from({ length: 60 }, (_, i) => `| vessel ${i} | ${'steel '.repeat(5)}|`);
  const found = chunks('markdown', ['| name | material |', '|---|---|', ...rows].join('\n'));

  expect(found.length).toBeGreaterThan(1);
  for (const { text } of found) expect(text).toMatch(/^\| name \| material \|\n\|---\|---\|\n\| vessel/);
  expect(found[0]?.lines[0]).toBe(1);
  expect(found.at(-1)?.lines[1]).toBe(62);
  for (const [i, { lines }] of found.entries())
    if (i > 0) expect(lines[0]).toBe((found[i - 1]?.lines[1] ?? 0) + 1);
});

test('HTML: the main text with its headings, without navigation and scripts', () => {
  const page = `<html><head><title>Depot</title><script>var x = 1</script></head><body>
    <nav>Home</nav><main><h1>Depot</h1><p>Trailers arrive<br>at <b>night</b>.</p>
    <h2>Rules</h2><ul><li>No smoking</li><li>Helmets</li></ul>
    <table><tr><th>bay</th><th>use</th></tr><tr><td>1</td><td>filling</td></tr></table>
    </main><footer>Imprint</footer></body></html>`;

  const { title, text } = loaders.html(page, 'depot.html');

  expect(title).toBe('Depot');
  expect(text).toBe(
    '# Depot\n\nTrailers arrive at night.\n\n## Rules\n\n- No smoking\n\n- Helmets\n\nbay | use\n1 | filling',
  );
  expect(chunks('html', page)[1]).toEqual({
    heading: ['Depot', 'Rules'],
    lines: [7, 12],
    text: '- No smoking\n\n- Helmets\n\nbay | use\n1 | filling',
  });
});

test('HTML that is nested a hundred thousand deep does not break the loader', () => {
  const { text } = loaders.html(`${'<div>'.repeat(100_000)}deep`, 'deep.html');

  expect(text).toContain('deep');
});

test('CSV: every row carries its column names, and its line', () => {
  const text = 'route;cost;note\nreforming;1.2;\nelectrolysis;3.4;"two\nlines"\nlast;5;x';

  expect(loaders.csv(text, 'routes.csv').blocks.map(({ lines, text: row }) => ({ lines, row }))).toEqual([
    { lines: [2, 2], row: 'route: reforming; cost: 1.2' },
    { lines: [3, 4], row: 'route: electrolysis; cost: 3.4; note: two lines' },
    { lines: [5, 5], row: 'route: last; cost: 5; note: x' },
  ]);
});

test('JSON: the members of a large value are records under its keys, shown indented', () => {
  const terms = Array.from({ length: 30 }, (_, i) => ({ term: `term ${i}`, meaning: 'm'.repeat(60) }));
  const { text, blocks } = loaders.json(JSON.stringify({ title: 'Words', terms }), 'words.json');

  const last = blocks.at(-1);
  expect(last).toMatchObject({ heading: ['terms'], text: `term: term 29\nmeaning: ${'m'.repeat(60)}` });
  expect(
    text
      .split('\n')
      .slice((last?.lines[0] ?? 0) - 1, last?.lines[1])
      .join('\n'),
  ).toContain('"term 29"');
  expect(JSON.parse(text)).toMatchObject({ title: 'Words' });
});

test('JSON lines: every line is a record', () => {
  expect(loaders.jsonl('{"a":{"b":1}}\n\n{"a":{"b":[2,3]}}', 'x.jsonl').blocks).toMatchObject([
    { lines: [1, 1], text: 'a.b: 1' },
    { lines: [3, 3], text: 'a.b: 2, 3' },
  ]);
});

test('UTF-16 with a byte order mark is text', () => {
  const bytes = new Uint8Array([0xff, 0xfe, ...Buffer.from('naïve\r\n', 'utf16le')]);

  expect(decodeText(bytes)).toBe('naïve');
});

test('bytes that are not UTF-8 are not text', () => {
  expect(() => decodeText(new Uint8Array([0x48, 0xff, 0x48]))).toThrow(/not text/);
});
