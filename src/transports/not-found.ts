import { METHOD_NOT_FOUND } from '@modelcontextprotocol/server';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { exportsPath } from './export-links.ts';
import type { HttpRefusal } from './http-answers.ts';
import { metadataPaths } from './http-callers.ts';
import { healthPaths } from './http-health.ts';
import { serverError } from './messages.ts';

export const mcpPath = '/mcp';
const readingMethods = ['GET', 'HEAD'];

const isForReading = (path: string, { access }: Pick<App, 'access'>): boolean =>
  healthPaths.includes(path) ||
  path.startsWith(exportsPath) ||
  (access.issuers.length > 0 && metadataPaths.some((one) => one === path));

/**
 * What is said of a request for which there is nothing: no such path, or no such method there.
 * @param methods of the endpoint of MCP
 */
export function refusalOfTarget(
  app: Pick<App, 'access'>,
  { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
  methods: readonly string[],
  id: HttpRefusal['id'],
): HttpRefusal {
  const asked = url.replace(/[?#].*$/s, '');
  // Whoever has the rest of such a path may open the file.
  const path = asked.startsWith(exportsPath) ? `${exportsPath}…` : asked;
  const allowed = path === mcpPath ? methods : isForReading(path, app) ? readingMethods : undefined;
  if (allowed === undefined) {
    const message = `There is nothing at ${path.slice(0, 200)}: MCP is at ${mcpPath}, health at /health/.`;
    return { status: 404, code: METHOD_NOT_FOUND, message, id };
  }
  const allow = allowed.join(', ');
  const message = `${method} is not allowed at ${path}: use ${allow}.`;
  return { status: 405, code: serverError, message, id, headers: { allow } };
}
