import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../library/support.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linux } from '../support/platform.ts';
import { bare, cli, environmentOf, root } from '../support/process.ts';

// In a namespace of its own, where anybody may mount.
const enter = ['unshare', '--map-root-user', '--mount'] as const;
const mayMount =
  linux('mount namespaces') &&
  spawnSync(enter[0], [...enter.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const why = mayMount ? '' : ' (skipped: no mount namespaces here)';

/** Runs a shell script in a namespace; `$1` … are the arguments, and `hydrogen` the command. */
async function inNamespace(script: string, args: readonly string[]): Promise<string> {
  const dataDir = await temporaryDirectory();
  const begin = `set -e; hydrogen() { "${process.execPath}" "${cli}" "$@"; }\n`;
  const { stdout, stderr, status } = spawnSync(
    enter[0],
    [...enter.slice(1), 'sh', '-c', begin + script, 'sh', ...args],
    { cwd: root, env: environmentOf({ ...bare, dataDir }), encoding: 'utf8' },
  );
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout + stderr;
}

const disk = { 'a.md': '# A\n\nThe turbine runs.\n', 'deep/b.md': '# B\n\nThe windmill runs.\n' };
const listed = /archive\/a\.md .*\narchive\/deep\/b\.md /;

test.skipIf(!mayMount)(`a disk that is unmounted takes no document with it${why}`, async () => {
  const mount = join(await temporaryDirectory(), 'archive');
  await mkdir(mount);

  const out = await inNamespace(
    `mount --bind "$1" "$2"
    hydrogen ingest "$2"
    umount "$2"
    hydrogen ingest
    hydrogen list
    hydrogen doctor || true
    mount --bind "$1" "$2"
    hydrogen ingest`,
    [await folderOf(disk, 'disk'), mount],
  );

  expect(out).toMatch(listed);
  expect(out).toMatch(/warn search: .*"archive\/" is empty since .*; its 2 documents are kept/);
  expect(out).toMatch(/0 documents added, 0 changed, 2 unchanged, 0 removed/);
});

test.skipIf(!mayMount)(`a watch notices that a disk is unmounted, and mounted again${why}`, async () => {
  const mount = join(await temporaryDirectory(), 'archive');
  await mkdir(mount);

  const out = await inNamespace(
    `mount --bind "$1" "$2"
    hydrogen ingest "$2" --watch >/dev/null 2>&1 & watch=$!
    until_doctor() { for i in $(seq 60); do
      if hydrogen doctor 2>/dev/null | grep -q "$1"; then return 0; fi; sleep 0.5
    done; return 1; }
    until_doctor "2 documents"
    sleep 2
    umount -l "$2"
    until_doctor "is empty since"
    hydrogen list
    mount --bind "$1" "$2"
    until_doctor "ok   search: 2 documents"
    kill $watch; wait $watch || true
    echo done`,
    [await folderOf(disk, 'disk'), mount],
  );

  expect(out).toMatch(listed);
  expect(out).toMatch(/done/);
});

test.skipIf(!mayMount)(
  `a disk mounted below a folder that is read keeps its documents, too${why}`,
  async () => {
    const folder = await folderOf({ 'here.md': '# Here\n\nThe pump runs.\n' }, 'all');
    const mount = join(folder, 'archive');
    await mkdir(mount);
    await writeFile(join(mount, 'NOT-MOUNTED.txt'), 'Nothing is mounted here.\n');

    const out = await inNamespace(
      `mount --bind "$1" "$2/archive"
    hydrogen ingest "$2"
    umount "$2/archive"
    hydrogen ingest
    hydrogen ingest
    hydrogen doctor || true
    hydrogen list
    hydrogen ingest "$2" --prune
    hydrogen list`,
      [await folderOf(disk, 'disk'), folder],
    );

    expect(out).toMatch(/Nothing is mounted at "all\/archive\/" any more; its 2 documents were kept/);
    expect(out).toMatch(/"all\/archive\/" is not mounted since .*; its 2 documents are kept/);
    expect(out).toMatch(
      /all\/archive\/a\.md .*\nall\/archive\/deep\/b\.md .*\nall\/here\.md .*\n1 document added, 0 changed, 1 unchanged, 2 removed/,
    );
  },
);
