import { expect, test } from 'vitest';
import { chunkDocument } from '../../../src/library/reading/chunk.ts';
import { loadCsv } from '../../../src/library/reading/loaders/csv.ts';
import { loadHtml } from '../../../src/library/reading/loaders/html.ts';
import { loadJson, loadJsonLines } from '../../../src/library/reading/loaders/json.ts';
import type { LoadedDocument } from '../../../src/library/reading/loaders/loader.ts';
import { loadMarkdown } from '../../../src/library/reading/loaders/markdown.ts';
import { loadCode } from '../../../src/library/reading/loaders/text.ts';

function chunks({ blocks }: LoadedDocument) {
  return chunkDocument('docs/file', blocks).map(({ id: _, ...chunk }) => chunk);
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

  expect(chunks(loadMarkdown(text, 'file'))).toEqual([
    { heading: ['Plant'], lines: [3, 3], text: 'Intro.' },
    { heading: ['Plant', 'Safety'], lines: [8, 10], text: '```sh\n# not a heading\n```' },
    { heading: ['Plant', 'Safety', 'Valves V1'], lines: [14, 14], text: 'Shut **slowly**.' },
  ]);
});

test('Markdown: a heading with nothing below it is still found', () => {
  expect(chunks(loadMarkdown('# Plan\n\n## Later\n\n## Now\n\nWork.', 'file'))).toEqual([
    { heading: ['Plan', 'Later'], lines: [3, 3], text: '## Later' },
    { heading: ['Plan', 'Now'], lines: [7, 7], text: 'Work.' },
  ]);
});

test('Markdown: broken front matter is text', () => {
  const { metadata, title } = loadMarkdown('---\na: [1\n---\n# Page\n', 'page.md');

  expect({ metadata, title }).toEqual({ metadata: {}, title: 'Page' });
});

test('Markdown: a long table is divided between rows, each part with its header', () => {
  const rows = Array.from({ length: 60 }, (_, i) => `| vessel ${i} | ${'steel '.repeat(5)}|`);
  const found = chunks(loadMarkdown(['| name | material |', '|---|---|', ...rows].join('\n'), 'file'));

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

  const { title, text } = loadHtml(page, 'depot.html');

  expect(title).toBe('Depot');
  expect(text).toBe(
    '# Depot\n\nTrailers arrive at night.\n\n## Rules\n\n- No smoking\n\n- Helmets\n\nbay | use\n1 | filling\n\nImprint',
  );
  expect(chunks(loadHtml(page, 'depot.html'))[1]).toEqual({
    heading: ['Depot', 'Rules'],
    lines: [7, 12],
    text: '- No smoking\n\n- Helmets\n\nbay | use\n1 | filling',
  });
});

test('HTML that is nested a hundred thousand deep does not break the loader', () => {
  const { text } = loadHtml(`${'<div>'.repeat(100_000)}deep`, 'deep.html');

  expect(text).toContain('deep');
});

test('CSV: every row carries its column names, and its line', () => {
  const text = 'route;cost;note\nreforming;1.2;\nelectrolysis;3.4;"two\nlines"\nlast;5;x';

  expect(loadCsv(text, 'routes.csv').blocks.map(({ lines, text: row }) => ({ lines, row }))).toEqual([
    { lines: [2, 2], row: 'route: reforming; cost: 1.2' },
    { lines: [3, 4], row: 'route: electrolysis; cost: 3.4; note: two lines' },
    { lines: [5, 5], row: 'route: last; cost: 5; note: x' },
  ]);
});

test.each([
  ['without a name', 'a,,c\n1,2,3\n', 'a: 1; column_2: 2; c: 3'],
  ['with the name of another', 'a,a,b\n1,2,3\n', 'a: 1; a_2: 2; b: 3'],
  ['beyond the header', 'a,b\n1,2,3\n4,5\n', 'a: 1; b: 2; column_3: 3'],
  ['of which none has a name', '1,2\n3,4\n', 'column_1: 1; column_2: 2'],
  ['before which rows have a name', 'a,b\nr1,2,3\nr2,5,6\n', 'column_1: r1; a: 2; b: 3'],
])('CSV: columns %s are called as an import calls them', (_what, text, row) => {
  expect(loadCsv(text, 'x.csv').blocks[0]?.text).toBe(row);
});

test('JSON: the members of a large value are records under its keys, shown indented', () => {
  const terms = Array.from({ length: 30 }, (_, i) => ({ term: `term ${i}`, meaning: 'm'.repeat(60) }));
  const { text, blocks } = loadJson(JSON.stringify({ title: 'Words', terms }), 'words.json');

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
  expect(loadJsonLines('{"a":{"b":1}}\n\n{"a":{"b":[2,3]}}', 'x.jsonl').blocks).toMatchObject([
    { lines: [1, 1], text: 'a.b: 1' },
    { lines: [3, 3], text: 'a.b: 2, 3' },
  ]);
});

test('HTML: of a page that does not mark its main text, menus before the text are left out', () => {
  const links = (names: readonly string[]): string =>
    names.map((name) => `<li><a href="#">${name}</a></li>`).join('');
  const page = `<body><div class="top"><ul>${links(['Home', 'Shop', 'Forum', 'Contact'])}</ul></div>
    <div role="banner">Our depot</div><h1>Filling</h1>
    <p>Trailers are filled at night, because electricity is cheaper then and the road is empty.</p>
    <h2>See also</h2><ul>${links(['Valves', 'Hoses', 'Sensors', 'Alarms'])}</ul><footer>Imprint</footer></body>`;

  expect(loadHtml(page, 'x.html').text).toBe(
    'Our depot\n\n# Filling\n\nTrailers are filled at night, because electricity is cheaper then and the road is empty.\n\n' +
      '## See also\n\n- Valves\n\n- Hoses\n\n- Sensors\n\n- Alarms\n\nImprint',
  );
});

test('HTML: a table that only arranges the page is no table', () => {
  const page = '<body><table><tr><td><h1>Depot</h1><p>Open at night.</p></td></tr></table></body>';

  expect(chunks(loadHtml(page, 'x.html'))).toEqual([
    { heading: ['Depot'], lines: [3, 3], text: 'Open at night.' },
  ]);
});

test('source code: blocks between blank lines stay whole and keep their indentation', () => {
  const body = Array.from({ length: 26 }, (_, i) => `  step(${i}, "${'x'.repeat(24)}");`);
  const source = `import a from 'a';\n\nfunction fill() {\n${body.join('\n')}\n}\n\nfunction stop() {\n  close();\n}`;

  expect(chunks(loadCode(source, 'valve.ts')).map(({ lines, text }) => [lines, text.split('\n')[0]])).toEqual(
    [
      [[1, 1], "import a from 'a';"],
      [[3, 30], 'function fill() {'],
      [[32, 34], 'function stop() {'],
    ],
  );
});

test('stray quotation marks of a CSV are told as what became of them', () => {
  const { blocks, remarks } = loadCsv('a,b\nx,in"ch\ny,"q"z\n', 'x.csv');
  expect(blocks.map(({ text }) => text)).toEqual(['a: x; b: in"ch', 'a: y; b: qz']);
  expect(remarks).toEqual([
    'quotation marks that open or close nothing are kept as they are (line 2)',
    'marks around a part of a cell, with text behind it, are dropped (line 3)',
  ]);
});
