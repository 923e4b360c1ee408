import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem } from 'node:os';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';

/** `off`: not configured; `starting`: not known yet; `degraded`: works, but not fully. */
type PartState = 'up' | 'starting' | 'degraded' | 'down' | 'off';

export interface Part {
  readonly name: string;
  readonly state: PartState;
  /** One line: what it is, with figures. */
  readonly detail: string;
  /** What to do, when it is not up. */
  readonly action?: string;
}

/** Checks one part of the system; throwing means `down`, taking too long means busy. */
export interface Probe {
  readonly name: string;
  /** A server without it cannot do its main job. */
  readonly required: boolean;
  /** Name of an earlier probe; when that part is down, this one is not checked. */
  readonly needs?: string;
  check(call: Call): Promise<Omit<Part, 'name'>>;
}

export interface HealthReport {
  readonly status: PartState;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly parts: readonly Part[];
}

interface ProcessReport {
  readonly cpuSeconds: number;
  readonly load1: number;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly memoryFreeMb: number;
  readonly memoryTotalMb: number;
  readonly diskFreeMb?: number;
}

export interface Health {
  /** Set for a caller with roles: its reports have no parts, and how the process does is not told to it. */
  readonly isNarrowed?: true;
  /** The current state of every part; a part that does not answer within two seconds is busy. */
  report(call: Call): Promise<HealthReport>;
  /** Whether every required part answers. */
  ready(call: Call): Promise<boolean>;
  process(): Promise<ProcessReport>;
}

const probeTimeoutMs = 2_000;
const mb = (bytes: number): number => Math.round(bytes / 2 ** 20);

async function runProbe(probe: Probe, call: Call): Promise<Part> {
  const deadline = Math.min(call.deadline, Date.now() + probeTimeoutMs);
  try {
    return { name: probe.name, ...(await probe.check({ ...call, deadline })) };
  } catch (error) {
    call.log.warn({ err: error, part: probe.name }, 'health check failed');
    if (error instanceof HydrogenError && error.code === 'timeout') {
      return {
        name: probe.name,
        state: 'degraded',
        detail: `busy: it did not answer within ${probeTimeoutMs / 1_000} s`,
      };
    }
    const detail =
      error instanceof HydrogenError ? error.message : 'The check failed; the log has the details.';
    return { name: probe.name, state: 'down', detail };
  }
}

function overall(probes: readonly Probe[], parts: readonly Part[]): PartState {
  const required = parts.filter((_, i) => probes[i]?.required);
  if (required.some((part) => part.state === 'down')) return 'down';
  if (required.some((part) => part.state === 'starting')) return 'starting';
  return parts.some((part) => part.state === 'down' || part.state === 'degraded') ? 'degraded' : 'up';
}

/** @param directory on the file system whose free space is reported */
export function createHealth(version: string, directory: string, probes: readonly Probe[]): Health {
  async function check(call: Call, selected: readonly Probe[]): Promise<Part[]> {
    const results = new Map<string, Promise<Part>>();
    for (const probe of selected) {
      const needed = probe.needs === undefined ? undefined : results.get(probe.needs);
      const found = Promise.resolve(needed).then((part): Part | Promise<Part> => {
        if (part?.state !== 'down') return runProbe(probe, call);
        return { name: probe.name, state: 'down', detail: `not checked: it needs the ${part.name}` };
      });
      results.set(probe.name, found);
    }
    return Promise.all(results.values());
  }
  return {
    async report(call) {
      const parts = await check(call, probes);
      return {
        status: overall(probes, parts),
        version,
        uptimeSeconds: Math.round(process.uptime()),
        parts,
      };
    },
    async ready(call) {
      const required = probes.filter((probe) => probe.required);
      return overall(required, await check(call, required)) === 'up';
    },
    async process() {
      const { user, system } = process.cpuUsage();
      const memory = process.memoryUsage();
      const disk = await statfs(directory).catch(() => undefined);
      return {
        cpuSeconds: Math.round((user + system) / 1e4) / 100,
        load1: Math.round((loadavg()[0] ?? 0) * 100) / 100,
        residentMb: mb(memory.rss),
        heapMb: mb(memory.heapUsed),
        memoryFreeMb: mb(freemem()),
        memoryTotalMb: mb(totalmem()),
        ...(disk && { diskFreeMb: mb(disk.bavail * disk.bsize) }),
      };
    },
  };
}
