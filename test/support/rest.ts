import { setTimeout as delay } from 'node:timers/promises';

const windowMs = 500;
/** Processor time that a process takes for nothing within the window, ms. */
const maxIdleMs = 150;

/** Processor time that this process and its threads have used, ms. */
function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Waits until what was stopped rests: half a second in which next to no processor time is used. What goes on for ever
 * lets the test run out of its own time.
 */
export async function rest(usedMs: () => number = ownProcessorMs): Promise<void> {
  for (let before = usedMs(); ; ) {
    await delay(windowMs);
    const now = usedMs();
    if (now - before < maxIdleMs) return;
    before = now;
  }
}
