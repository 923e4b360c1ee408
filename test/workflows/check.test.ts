// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { describe, expect, test } from 'vitest';
import { definition, patientCall, world } from './support.ts';

/** The lines of a definition's problems, and how these begin. */
async function problemsOf(text: string): Promise<string[]> {
  const { workflows } = await world({ functions: { find: () => ({}) } });
  const found = await workflows.check(text, patientCall());
  return found.map(({ line, column, problem }) => `${line}:${column} ${problem.split(': ')[0]}`);
}

describe('a problem of a definition is found at its line and column', () => {
  test.each([
    ['a task that does not exist', definition('- a:\n    call: fnd\n'), ['5:5 /do/0/a/call']],
    [
      'each of several',
      definition('- a: { set: { x: "${ nosuch }" } }\n- b: { set: { x: 1 }, then: nowhere }'),
      ['5:23 /do/1/b/then', '4:15 /do/0/a/set/x'],
    ],
    ['what is missing, at what it is missing in', definition('- b: {}'), ['4:3 /do/0/b']],
    ['a name with a slash', definition('- a/b: { set: { x: "${ }" } }'), ['4:17 /do/0/a~1b/set/x']],
    ['broken YAML', 'document: [', ['1:12 line 1, column 12']],
    [
      'JSON',
      '{"document":{"dsl":"1.0.3","namespace":"t","name":"w","version":"1.0.0"},\n"do":[{"a":{"call":"fnd"}}]}',
      ['2:13 /do/0/a/call'],
    ],
    ['no definition', 'text', ['1:1 a definition is a mapping with `document` and `do`']],
  ])('%s', async (_what, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  test('none where it can be run', async () => {
    expect(await problemsOf(definition('- a: { call: find }'))).toEqual([]);
  });
});
