import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { badInput } from '../errors.ts';
import { codeOf } from '../file-errors.ts';

/** What a backup says of itself; written last, so that one without it is not whole. */
const manifest = z.object({
  /** Of this description. */
  version: z.literal(1),
  /** Of the program that made it. */
  program: z.string(),
  /** ISO 8601. */
  madeAt: z.string(),
  /** The format of the store. */
  format: z.int().min(1),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Rows by table. */
  rows: z.record(z.string(), z.int()),
});

export type BackupManifest = z.output<typeof manifest>;

export const storeIn = (folder: string): string => join(folder, 'hydrogen.sqlite');
export const manifestIn = (folder: string): string => join(folder, 'backup.json');

/** @throws HydrogenError `bad_input` for a folder that holds no whole backup */
export async function readManifest(folder: string): Promise<BackupManifest> {
  let text: string;
  try {
    text = await readFile(manifestIn(folder), 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
    throw badInput(
      `There is no backup in ${folder}, or one that was interrupted: it has no backup.json. Name the folder that \`hydrogen backup\` made.`,
    );
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch {
    throw badInput(`The backup.json in ${folder} is damaged, or of a newer version of this program.`);
  }
}

/** SHA-256 of a file, as hexadecimal digits. */
export async function digestOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
}
