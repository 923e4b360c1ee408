import { expect, test } from 'vitest';
import { loadMarkdown } from '../../../src/library/reading/loaders/markdown.ts';

/** Each block as "headings above it: its text". */
const told = (text: string): string[] =>
  loadMarkdown(text, 'file').blocks.map(
    ({ heading, text: block }) => `${heading.join(' › ')}: ${block.replace(/\n/g, '⏎')}`,
  );

test.each<[string, string]>([
  ['a comment', '<!--\n# Old\n\nGone\n----\n-->'],
  ['a comment in one line with an underline below', '<!-- Old -->\n---'],
  ['a comment of a list', '- <!--\n# Old\n-->'],
  ['a comment with half a code block', '<!--\n```\n# Old\n-->'],
  ['preformatted HTML', '<pre>\n# comment of a shell\n\n# another\n</pre>'],
  ['a script', '<script>\n# Old\n</script>'],
  ['a comment of MDX', '{/*\n# Old\n*/}'],
  ['fenced code', '~~~\n# comment of a shell\n~~~'],
])('Markdown: signs in %s make no heading, and what follows is read on', (_what, part) => {
  const found = told(`# Plant\n\n${part}\n\n## Valves\n\nShut slowly.`);
  expect(new Set(found.map((line) => line.split(':')[0]))).toEqual(new Set(['Plant', 'Plant › Valves']));
  expect(found.at(-1)).toBe('Plant › Valves: Shut slowly.');
});

test.each<[string, string]>([
  ['a comment', '<!--\nthe torque is 12\n-->'],
  ['preformatted HTML', '<pre>\nthe torque is 12\n</pre>'],
])('Markdown: the words in %s are found', (_what, part) => {
  expect(told(part).join(' ')).toContain('the torque is 12');
});

test('Markdown: a comment that nothing ends hides no heading', () => {
  expect(told('<!-- begun\n\n# Valves\n\nShut slowly.').at(-1)).toBe('Valves: Shut slowly.');
});

test('Markdown: code in code, and two pieces without a line between them', () => {
  const text = '````\n```\n# no heading\n```\n````\n```\n# neither\n```\n';
  expect(told(text)).toEqual([': ````⏎```⏎# no heading⏎```⏎````', ': ```⏎# neither⏎```']);
});

test.each<[string, string, unknown]>([
  ['text', 'author = "Ada"', { author: 'Ada' }],
  ['lists', 'tags = ["gas", "safety"]', { tags: ['gas', 'safety'] }],
  ['a day', 'date = 2026-03-01', { date: '2026-03-01' }],
  ['a moment', 'date = 2026-03-01T09:30:00+01:00', { date: '2026-03-01T08:30:00.000Z' }],
  ['numbers and truth', 'weight = 3\nshare = 0.5\ndraft = false', { weight: 3, share: 0.5, draft: false }],
  ['whole numbers beyond 2^53', 'n = 9007199254740993', { n: { $numberLong: '9007199254740993' } }],
  ['tables', '[extra]\nunit = "bar"', { extra: { unit: 'bar' } }],
  ['texts over several lines', 'description = """\nTwo\nlines"""', { description: 'Two\nlines' }],
  ['comments', '# of the author\nauthor = "Ada"', { author: 'Ada' }],
])('Markdown: TOML front matter holds %s', (_what, toml, expected) => {
  const { metadata, title, blocks } = loadMarkdown(`+++\n${toml}\n+++\n# Page\n\nText.`, 'file');
  expect({ metadata, title }).toEqual({ metadata: expected, title: 'Page' });
  expect(blocks.map(({ text }) => text)).toEqual(['Text.']);
});

test('Markdown: tags of a site that keeps them in taxonomies are its tags', () => {
  const toml = 'title = "Gas"\n[taxonomies]\ntags = ["gas"]';
  expect(loadMarkdown(`+++\n${toml}\n+++\nText.`, 'file')).toMatchObject({
    title: 'Gas',
    metadata: { tags: ['gas'] },
  });
});

test.each(['a = [1', 'just words', 'a = 1\na = 2'])('Markdown: broken TOML (%s) is text', (toml) => {
  const { metadata, text, blocks } = loadMarkdown(`+++\n${toml}\n+++\n# Page\n`, 'file');
  expect(metadata).toEqual({});
  expect(text).toContain(toml);
  expect(blocks[0]?.text).toContain(toml.split('\n')[0]);
});
