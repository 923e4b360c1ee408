import type { IncomingMessage } from 'node:http';
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';

const streams = 'text/event-stream';

/**
 * What is wrong with the headers of a 2025-era request. The SDK would refuse it, too, but without its id.
 */
export function refusalOfHeaders({
  method,
  headers,
}: IncomingMessage): { readonly status: number; readonly message: string } | undefined {
  const { accept = '' } = headers;
  const needed = { POST: ['application/json', streams], GET: [streams] }[method ?? ''] ?? [];
  if (!needed.every((type) => accept.includes(type))) {
    return { status: 406, message: `Not acceptable: send "Accept: ${needed.join(', ')}".` };
  }
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version))) {
    const known = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
    return {
      status: 400,
      message: `MCP-Protocol-Version ${String(version).slice(0, 100)} is not one of ${known}.`,
    };
  }
  return undefined;
}
