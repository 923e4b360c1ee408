import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

// A process is identified by its machine (host name, boot, PID namespace), PID and start time, so that another
// process on the same machine can tell for certain that it has ended.

function readable(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

function machine(): string {
  const boot = readable(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = readable(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname().replaceAll(' ', ''), boot, namespace.replace(/\D/g, '')].join('/');
}

/** In clock ticks since boot (field 22 of /proc/PID/stat); empty without /proc. */
function startTime(pid: number): string {
  const stat = readable(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A name for this process as the holder of leases; each call returns a new one. */
export function ownerName(): string {
  const { pid } = process;
  return [machine(), pid, startTime(pid) || '-', randomBytes(6).toString('hex')].join(' ');
}

/** True if the process that created the name ran on this machine and has definitely ended. */
export function hasExited(owner: string): boolean {
  const [where, number, started] = owner.split(' ');
  const pid = Number(number);
  if (where !== machine() || !Number.isInteger(pid) || pid <= 0) return false;
  if (!exists(pid)) return true;
  return started !== '-' && startTime(pid) !== '' && startTime(pid) !== started;
}
