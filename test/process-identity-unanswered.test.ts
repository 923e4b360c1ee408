import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { hasExited, ownerName } from '../src/process-identity.ts';
import { linux } from './support/platform.ts';

// A system that says when another process was started, and the next time does not: as `ps` on a Mac that is too busy to
// answer in time.

const asked = vi.hoisted(() => ({ times: 0 }));

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const other = `/proc/${process.ppid}/stat`;
  return {
    ...real,
    readFileSync(...args: Parameters<typeof real.readFileSync>) {
      if (args[0] === other && ++asked.times > 1) throw new Error('no answer');
      return real.readFileSync(...args);
    },
  };
});

test.runIf(linux('start times in /proc'))(
  'a process of which the system says nothing more is not taken for dead',
  () => {
    const [machine, , , random] = ownerName().split(' ');
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    asked.times = 0;

    expect(hasExited([machine, process.ppid, started, random].join(' '))).toBe(false);
  },
);
