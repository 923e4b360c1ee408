import { type Caller, owner } from '../../call.ts';
import { narrowedLibrary } from '../../library/narrowed.ts';
import { inAnySpelling } from '../../library/spellings.ts';
import type { Health } from '../../observability/health.ts';
import { grantsOf } from '../../policy/roles.ts';
import { createConnections } from '../../stores/documents/connections.ts';
import { narrowedWorkflows } from '../../workflows/narrowed.ts';
import type { Services } from './define.ts';

/** What works, without names and figures of what the caller may not know of. */
function narrowedHealth(health: Health): Health {
  return {
    ...health,
    isNarrowed: true,
    report: async (call) => ({ ...(await health.report({ ...call, caller: owner })), parts: [] }),
    ready: (call) => health.ready({ ...call, caller: owner }),
  };
}

/**
 * The services as a caller sees them: what its roles do not let it see does not exist in them. Collections are narrowed in
 * their stores, which know the caller by the call.
 */
export function servicesFor<Own extends Services>(services: Own, caller: Caller): Own {
  const { config, connections, library, workflows, health } = services;
  const grants = grantsOf(config, caller);
  if (grants.isUnrestricted) return { ...services, library: inAnySpelling(library) };
  // Callers may see all sources, and change only some.
  const isLibraryNarrowed = grants.areSourcesNarrowed('read') || grants.areSourcesNarrowed('ingest');
  const foreign = config.qdrantCollections.map(({ name }) => name);
  return {
    ...services,
    connections: createConnections(connections.all.filter(({ name }) => grants.connection(name))),
    library: inAnySpelling(isLibraryNarrowed ? narrowedLibrary(library, grants, foreign) : library),
    workflows: narrowedWorkflows(workflows, grants.workflow),
    health: narrowedHealth(health),
  };
}
