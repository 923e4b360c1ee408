import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Double, Long } from 'bson';
import { afterAll, expect, test } from 'vitest';
import { createWorkbooks } from '../../../../src/library/reading/sheets/workbooks.ts';
import type { Document } from '../../../../src/mql/index.ts';
import { importPaths } from '../../../../src/stores/documents/import/import-path.ts';
import { testCall } from '../../../support/call.ts';
import { xlsx } from '../../../support/files/office.ts';
import { type AwkwardFile, awkwardFiles } from './awkward-files.ts';
import { type Bench, useStore, withoutIds } from './support.ts';

const bench = useStore();
const workbooks = createWorkbooks();
afterAll(() => workbooks.close());

async function imported(at: Bench, path: string, options: AwkwardFile['options'] = {}) {
  const given = {
    drop: false,
    own: { dataDirectory: '/nowhere', files: [] },
    readSheets: workbooks.sheets,
    ...options,
  };
  const to = { database: at.database, collection: 'things' };
  const report = await importPaths(at.store, [path], to, given, testCall());
  const [first] = report.imported;
  return { report, documents: first?.inserted === 0 ? [] : withoutIds(await at.things()) };
}

test('there are 60 awkward files, and more', () => {
  expect(awkwardFiles.length).toBeGreaterThanOrEqual(60);
});

test.each(awkwardFiles)('$what ($ending)', async ({ ending, content, options, expected }) => {
  const at = await bench();
  const path = await at.file(`awkward${ending}`, content);
  if (expected instanceof RegExp) {
    await expect(imported(at, path, options)).rejects.toThrow(expected);
    return;
  }
  const { documents } = await imported(at, path, options);
  // The order of rows is that of their ids, which are made of their content.
  expect(documents.length).toBe(expected.length);
  expect(documents).toEqual(expect.arrayContaining([...expected]));
});

test('a folder of all of them: none stops the others, and each that fails is named with the reason', async () => {
  const at = await bench();
  const folder = join(at.directory, 'all');
  await mkdir(folder);
  const alone = awkwardFiles.filter(({ options = {} }) => Object.keys(options).length === 0);
  const names = alone.map(({ ending }, i) => `file-${i}${ending}`);
  await Promise.all(alone.map(({ content }, i) => writeFile(join(folder, names[i] ?? ''), content)));
  const given = { drop: false, own: { dataDirectory: '/nowhere', files: [] }, readSheets: workbooks.sheets };
  const report = await importPaths(at.store, [folder], { database: `all-${at.database}` }, given, testCall());
  const refused = names.filter((_, i) => alone[i]?.expected instanceof RegExp);
  expect(report.failed.map(({ path }) => path).sort()).toEqual(
    refused.map((name) => join(folder, name)).sort(),
  );
  expect(report.imported.length).toBe(alone.length - refused.length);
});

test('a sheet that cannot be imported does not cost the report of those that were', async () => {
  const at = await bench();
  const path = await at.file('two.xlsx', xlsx({ First: [['year'], [2020]], Second: [['name'], ['x']] }));
  const types = { year: 'int' };
  const given = {
    drop: false,
    own: { dataDirectory: '/nowhere', files: [] },
    readSheets: workbooks.sheets,
    types,
  };
  const report = await importPaths(at.store, [path], { database: at.database }, given, testCall());
  expect(report.imported).toMatchObject([{ sheet: 'First', inserted: 1 }]);
  expect(report.failed).toEqual([
    { path: `${path}, sheet "Second"`, reason: expect.stringContaining('There is no column "year"') },
  ]);
});

/** A Python that has pandas, with what reads spreadsheets: HYDROGEN_TEST_PYTHON, or that of this machine. */
const python = [
  process.env['HYDROGEN_TEST_PYTHON'],
  join(homedir(), '.cache/hydrogen-test-python/venv/bin/python'),
  'python3',
].find((one) => one !== undefined && spawnSync(one, ['-c', 'import pandas, openpyxl, odf']).status === 0);

const script = `
import json, sys, pandas as pd
def plain(v):
    if isinstance(v, bool) or type(v).__name__ == 'bool_' or type(v).__name__ == 'bool': return bool(v)
    if pd.isna(v): return None
    if hasattr(v, 'isoformat'): return {'text': v.isoformat().replace('T00:00:00', '')}
    if isinstance(v, str): return {'text': v}
    if not isinstance(v, float): return {'number': str(int(v))}
    if float(v) == int(v): return {'number': '-0' if str(v) == '-0.0' else str(int(v))}
    return {'number': repr(float(v))}
out = []
for path, options in json.load(sys.stdin):
    try:
        names = options.pop('names', None)
        if names: options['names'] = names.split(',')
        if path.endswith(('.xlsx', '.ods')): frame = pd.read_excel(path, keep_default_na=False, na_values=[''], **options)
        else: frame = pd.read_csv(path, keep_default_na=False, na_values=[''], **options)
        out.append({'rows': [[plain(v) for v in row] for row in frame.astype(object).values.tolist()]})
    except Exception as error:
        out.append({'error': str(error)})
print(json.dumps(out))
`;

/** A value in the words of the script. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (value instanceof Date) return { text: value.toISOString().replace(/(T00:00:00)?\.000Z$/, '') };
  if (typeof value === 'string') return { text: value };
  const number = value instanceof Double || value instanceof Long ? value.toString() : String(value);
  return { number: Object.is(value, -0) ? '-0' : number.replace(/\.0$/, '') };
}

/** Values at the leaves, in their order. */
const leaves = (document: Document): unknown[] =>
  Object.values(document).flatMap((value) =>
    typeof value === 'object' && value?.constructor === Object ? leaves(value as Document) : [value],
  );

test.skipIf(python === undefined)(
  'pandas has the same rows and values, or refuses the file, or changes a value (HYDROGEN_TEST_PYTHON names a Python with it)',
  async () => {
    const { file } = await bench();
    const asked = await Promise.all(
      awkwardFiles.map(
        async ({ ending, content, pandas }, i): Promise<[string, object]> => [
          await file(`file-${i}${ending}`, content),
          typeof pandas === 'string' ? {} : pandas,
        ],
      ),
    );
    const { stdout, stderr } = spawnSync(python ?? '', ['-c', script], {
      input: JSON.stringify(asked),
      encoding: 'utf8',
    });
    expect(stdout, stderr).not.toBe('');
    const found = JSON.parse(stdout) as { rows?: unknown[][]; error?: string }[];
    for (const [i, { what, pandas, expected }] of awkwardFiles.entries()) {
      const { rows, error } = found[i] ?? {};
      if (pandas === 'refuses') expect.soft(error, what).toBeTypeOf('string');
      else if (expected instanceof RegExp) expect.soft(error, what).toBeUndefined();
      else {
        const values = (row: readonly unknown[]) => row.filter((value) => value !== null);
        const ours = expected.map((document) => values(leaves(document).map(plain)));
        const theirs = expect.soft(rows?.map(values), `${what}: ${error}`);
        if (typeof pandas === 'string') theirs.not.toEqual(ours);
        else theirs.toEqual(ours);
      }
    }
  },
);
