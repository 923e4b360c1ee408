import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

// A process is identified by its machine (host name, boot, PID namespace), PID and start time, so that another
// process on the same machine can tell for certain that it has ended. Of a process elsewhere, or from before the last
// boot, nobody can tell: its leases expire. Nodes that share a store may well have the same host name (`localhost`, a
// laptop's default); what keeps them apart is the boot, or the hardware addresses where the system does not name its boot.
// Linux says all of it in /proc, and macOS by two of its programs. Windows says neither the boot nor when another process
// was started: there, a process that got the number of one that has ended passes for it until the lease expires.

function readable(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** What a program of the system prints; empty where it fails or takes long. Takes a few ms, so it is asked once. */
function printed(program: string, ...args: readonly string[]): string {
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  return readable(() =>
    execFileSync(program, args, {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 2_000,
      windowsHide: true,
    }),
  );
}

const isMac = process.platform === 'darwin';

/** Differs after each start of the system; empty where that does not say. */
function bootId(): string {
  return isMac
    ? printed('/usr/sbin/sysctl', '-n', 'kern.bootsessionuuid')
    : readable(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
}

/** A digest of the machine's hardware addresses; empty without any. */
function hardware(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const own = all.filter(({ internal, mac }) => !internal && !/^(00:)+00$/.test(mac)).map(({ mac }) => mac);
  if (own.length === 0) return '';
  return createHash('sha256')
    .update([...new Set(own)].sort().join())
    .digest('hex')
    .slice(0, 16);
}

/** Does not change while a process runs. */
function once(read: () => string): () => string {
  let known: string | undefined;
  return () => {
    known ??= read();
    return known;
  };
}

const machine = once(() => {
  const boot = bootId() || hardware();
  const namespace = readable(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname().replaceAll(' ', ''), boot, namespace.replace(/\D/g, '')].join('/');
});

/** As `ps` of macOS and Linux prints it, in one word: `Wed-Dec-2-08:12:43-2026`, UTC; empty where there is no such process. */
export function startPrintedFor(pid: number): string {
  return printed('/bin/ps', '-o', 'lstart=', '-p', String(pid)).split(/\s+/).join('-');
}

/** In clock ticks since boot (field 22 of /proc/PID/stat) or, on macOS, the time; empty where the system does not say. */
function startTime(pid: number): string {
  if (isMac) return startPrintedFor(pid);
  const stat = readable(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

const ownStartTime = once(() => startTime(process.pid));

/** Whether there is a process of that number here; one that is another user's is one, too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A name for this process as the holder of leases; each call returns a new one. */
export function ownerName(): string {
  return [machine(), process.pid, ownStartTime() || '-', randomBytes(6).toString('hex')].join(' ');
}

/** Whether it names a machine by more than its host name, which others may have, too. */
const isOneMachine = (where: string): boolean => where.split('/')[1] !== '';

/** True if the process that created the name ran on this machine and has definitely ended. */
export function hasExited(owner: string): boolean {
  const [where, number, started] = owner.split(' ');
  const pid = Number(number);
  if (where !== machine() || !isOneMachine(where) || !Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return started !== '-' && started !== ownStartTime();
  if (!isRunning(pid)) return true;
  if (started === '-') return false;
  // Asked once: the next time, a system that is busy may say nothing.
  const now = startTime(pid);
  return now !== '' && now !== started;
}
