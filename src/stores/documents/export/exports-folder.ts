import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HydrogenError } from '../../../errors.ts';
import { openDataDirectory } from '../../data-directory.ts';
import type { ExportFormat, Sink } from './export.ts';
import { writeWhole } from './whole-file.ts';

/** How long an export can be fetched, ms. */
const lifetimeMs = 24 * 60 * 60 * 1_000;
/** 128 random bits: who knows the name was given it. */
const named = /^[A-Za-z0-9_-]{22}\.(jsonl|csv)$/;

export const mimeTypes = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
export type ExportEnding = keyof typeof mimeTypes;

export const endingOf = (format: ExportFormat): ExportEnding => (format === 'csv' ? 'csv' : 'jsonl');

/** Exports that wait in the data directory to be fetched, for a day. */
export interface ExportsFolder {
  /** Writes one under a name of its own, which cannot be guessed. */
  write<T>(ending: ExportEnding, produce: (sink: Sink) => Promise<T>): Promise<{ id: string; result: T }>;
  /** @throws HydrogenError `not_found` for one that is not there, or no more. */
  read(id: string): Promise<{ readonly text: string; readonly mimeType: string }>;
  /** Removes what is older than a day, and what a crash left. */
  sweep(): Promise<void>;
}

export function createExportsFolder(dataDirectory: string): ExportsFolder {
  const folder = join(dataDirectory, 'exports');

  async function sweep(): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    await Promise.all(
      names.map(async (name) => {
        const path = join(folder, name);
        const found = await stat(path).catch(() => undefined);
        if (found && Date.now() - found.mtimeMs > lifetimeMs) await rm(path, { force: true });
      }),
    );
  }

  return {
    sweep,
    async write(ending, produce) {
      await openDataDirectory(dataDirectory);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await sweep();
      const id = `${randomBytes(16).toString('base64url')}.${ending}`;
      const result = await writeWhole(join(folder, id), 'the export', { replace: false }, produce);
      return { id, result };
    },
    async read(id) {
      const ending = named.exec(id)?.[1] as ExportEnding | undefined;
      if (ending !== undefined) {
        await sweep();
        const text = await readFile(join(folder, id), 'utf8').catch(() => undefined);
        if (text !== undefined) return { text, mimeType: mimeTypes[ending] };
      }
      throw new HydrogenError(
        'not_found',
        `There is no export "${id}": exports are kept for a day. Call the tool export again.`,
      );
    },
  };
}
