import type { Implementation, ServerOptions } from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import { owner } from '../call.ts';
import { version } from '../version.ts';

/** An atom of hydrogen: it is in every answer of 2026, so it is small. */
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#2563eb" stroke-width="3"><circle cx="16" cy="16" r="13"/><circle cx="16" cy="16" r="3" fill="#2563eb"/><circle cx="25" cy="7" r="2" fill="#2563eb"/></svg>';

/** Who this server says it is. */
export const identity: Implementation = {
  name: 'hydrogen',
  title: 'Hydrogen',
  version,
  description: 'Searches documents, queries MongoDB data, and runs workflows that join the two.',
  icons: [
    {
      src: `data:image/svg+xml;base64,${Buffer.from(drawing).toString('base64')}`,
      mimeType: 'image/svg+xml',
      sizes: ['any'],
    },
  ],
};

/** How long what only a restart changes may be kept, ms. */
const keepMs = 2 * 60 * 60 * 1_000;

/**
 * What clients of 2026 may keep, and whether for others, too: where everybody is the owner, all are offered the same. What
 * can change at any time is asked for again.
 */
export function cacheHintsFor(caller: Caller): NonNullable<ServerOptions['cacheHints']> {
  const lasting = {
    ttlMs: keepMs,
    cacheScope: caller === owner ? ('public' as const) : ('private' as const),
  };
  const passing = { ttlMs: 0, cacheScope: 'private' as const };
  return {
    'server/discover': lasting,
    'tools/list': lasting,
    'prompts/list': lasting,
    'resources/templates/list': lasting,
    'resources/list': passing,
    'resources/read': passing,
  };
}
