import { posix, win32 } from 'node:path';

// What a person pastes after the demo. Clients start a program as it is, without a shell: on Windows that finds no `npm` or
// `npx`, which are scripts there, so a command is always the absolute path of Node.

export interface Place {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Absolute paths of Node and of the command's script. */
  readonly node: string;
  readonly script: string;
}

/** The settings of a client, as JSON. */
export const clientSettings = ({ node, script }: Pick<Place, 'node' | 'script'>): string =>
  JSON.stringify({ mcpServers: { hydrogen: { command: node, args: [script] } } }, null, 2);

/** Where Claude Desktop and Cursor keep that JSON. */
export function clientFiles({ platform, environment, home }: Omit<Place, 'node' | 'script'>): string[] {
  if (platform === 'win32') {
    const roaming = environment['APPDATA'] || win32.join(home, 'AppData', 'Roaming');
    const local = environment['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local');
    const name = win32.join('Claude', 'claude_desktop_config.json');
    return [
      `Claude Desktop: ${win32.join(local, 'Packages', 'Claude_pzs8sxrjxfjjc', 'LocalCache', 'Roaming', name)}`,
      `  or, if that folder does not exist: ${win32.join(roaming, name)}`,
      `Cursor: ${win32.join(home, '.cursor', 'mcp.json')}`,
    ];
  }
  const cursor = `Cursor: ${posix.join(home, '.cursor', 'mcp.json')}`;
  if (platform !== 'darwin') return [cursor];
  const folder = posix.join(home, 'Library', 'Application Support', 'Claude');
  return [`Claude Desktop: ${posix.join(folder, 'claude_desktop_config.json')}`, cursor];
}

/** A command line for the shell that people have there: PowerShell starts a quoted path only after "&". */
export function commandLine({ platform, node, script }: Place, ...args: readonly string[]): string {
  const call = platform === 'win32' ? '& ' : '';
  return `${call}"${node}" "${script}" ${args.join(' ')}`;
}
