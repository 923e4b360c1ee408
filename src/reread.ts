import { changesOf } from './config/changes.ts';
import type { LoadedConfig } from './config/load.ts';
import { createProblems, type Problems } from './config/problems.ts';
import type { Config } from './config.ts';
import type { Logger } from './observability/log.ts';
import type { Access } from './policy/access.ts';
import type { RenewableAccess } from './policy/renewable-access.ts';

/** What became of settings that were read again, by name. */
export interface Reread {
  readonly now: readonly string[];
  /** What takes effect at the next start. */
  readonly later: readonly string[];
}

interface Parts {
  readonly log: Logger;
  /** Paths that are never read as documents; those of new secrets are added. */
  readonly ownFiles: string[];
  /** Adds what the parts that are there find wrong with other settings. */
  check(wanted: Config, problems: Problems): Promise<void>;
  readonly access: RenewableAccess;
  accessOf(wanted: Config): Access;
  /** Hears that callers may be offered other tools, prompts and resources than before. */
  offersChanged(): void;
  /** From the next use on, the connection strings of these settings. */
  reconnect(wanted: Config): Promise<void>;
}

/**
 * Takes over what can change while a server runs, all of it or nothing: whoever needs a setting looks it up in `config`,
 * which is one object as long as the process lives.
 * @returns a function that throws HydrogenError `bad_input` where the settings cannot be used; then those of before stay
 */
export function createReread(
  config: Config,
  { log, ownFiles, check, access, accessOf, offersChanged, reconnect }: Parts,
): (read: Pick<LoadedConfig, 'config' | 'files'>) => Promise<Reread> {
  async function takeOver(read: Pick<LoadedConfig, 'config' | 'files'>): Promise<Reread> {
    const { wanted, now, later } = changesOf(config, read.config);
    const problems = createProblems();
    await check(wanted, problems);
    problems.throwIfAny();
    const nextAccess = now.includes('oauth') ? accessOf(wanted) : undefined;
    if (nextAccess) await access.assertReplaceable(nextAccess);
    // From here on nothing can fail.
    ownFiles.push(...read.files.filter((path) => !ownFiles.includes(path)));
    Object.assign(config, wanted);
    if (nextAccess) access.replace(nextAccess);
    if (now.includes('logLevel')) log.level = config.logLevel;
    if (now.includes('roles')) offersChanged();
    await reconnect(config);
    return { now, later };
  }
  let last: Promise<unknown> = Promise.resolve();
  return (read) => {
    const taken = last.then(() => takeOver(read));
    last = taken.catch(() => {});
    return taken;
  };
}

/** Those who want to know that callers may be offered something else. */
export interface OfferNews {
  changed(): void;
  /** @returns what ends it */
  follow(listener: () => void): () => void;
}

export function createOfferNews(): OfferNews {
  const listeners = new Set<() => void>();
  return {
    changed() {
      for (const listener of listeners) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
