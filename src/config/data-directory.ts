import { join } from 'node:path';
import envPaths from 'env-paths';

/** The platform's usual place, where no setting names another. */
export function usualDataDirectory(): string {
  return envPaths('hydrogen-mcp', { suffix: '' }).data;
}

export function dataDirectoryOf({ dataDir }: { readonly dataDir?: string | undefined }): string {
  return dataDir ?? usualDataDirectory();
}

/** The settings that every command and every client on a data directory finds. */
export function settingsFileIn(dataDirectory: string): string {
  return join(dataDirectory, 'hydrogen.json');
}
