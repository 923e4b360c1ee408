import type { App } from '../app.ts';
import { type Caller, type ExportedFile, systemCall } from '../call.ts';
import { dispatch } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import { exportTool } from '../tools/export.ts';

const purpose = 'export';

export const exportsPath = '/exports/';

/** What a link says, signed: whoever has it may open this file, as the caller that it was made for might. */
interface LinkClaims extends ExportedFile {
  readonly caller: Caller;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

interface Download {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Links by which a person opens exports in a browser, which has no session. */
export interface ExportLinks {
  /** The path of a link. */
  pathOf(file: ExportedFile, caller: Caller): Promise<string>;
  /** @throws HydrogenError `not_found` for what is no link, no longer one, or leads to what is gone */
  open(path: string, signal: AbortSignal): Promise<Download>;
}

const gone = (cause?: unknown): HydrogenError =>
  new HydrogenError('not_found', 'This link is not valid, or no longer. Export the documents again.', {
    cause,
  });

/** RFC 6266 with the name in RFC 8187's form, which has every character. */
function disposition(name: string): string {
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename*=UTF-8''${encoded}`;
}

export function createExportLinks(app: App): ExportLinks {
  async function claimsIn(path: string): Promise<LinkClaims> {
    const [token = ''] = path.slice(exportsPath.length).split('/');
    try {
      return JSON.parse((await app.signer()).verify(purpose, token)) as LinkClaims;
    } catch (error) {
      throw error instanceof HydrogenError && error.code === 'bad_input' ? gone(error) : error;
    }
  }

  return {
    async pathOf({ id, name }, { name: _unneeded, ...caller }) {
      // Exports are kept as long.
      const claims: LinkClaims = { id, name, caller, expires: Date.now() + app.config.keepExportsMs };
      const token = (await app.signer()).sign(purpose, JSON.stringify(claims));
      return `${exportsPath}${token}/${encodeURIComponent(name)}`;
    },
    async open(path, signal) {
      const { id, name, caller, expires } = await claimsIn(path);
      if (expires < Date.now() || !(await app.access.isKnown(caller))) throw gone();
      const request = {
        ...({ kind: 'resource', action: 'read', name: 'export', operation: 'read' } as const),
        arguments: { id },
      };
      const call = systemCall(app.log, { caller, signal, origin: { transport: 'http' } });
      const { text, mimeType } = await dispatch(app, { ...request, needs: [exportTool] }, call, (limited) =>
        app.exports.read(id, limited),
      );
      return {
        text,
        headers: {
          'content-type': `${mimeType}; charset=utf-8`,
          'content-disposition': disposition(name),
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
          'referrer-policy': 'no-referrer',
        },
      };
    },
  };
}
