import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** `run-` and a ULID in lower case: ten characters of time in ms, sixteen random ones. Sorts by time. */
export function newRunId(now = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32))
    time = (alphabet[rest % 32] ?? '0') + time;
  const chance = Array.from(randomBytes(16), (byte) => alphabet[byte % 32]).join('');
  return `run-${time}${chance}`;
}

const written = new RegExp(`^run-[${alphabet}]{26}$`);

export const isRunId = (text: string): boolean => written.test(text);
