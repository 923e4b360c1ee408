import { UriTemplate } from '@modelcontextprotocol/server';
import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import type { Grants } from '../policy/roles.ts';
import type { FixedResource, TemplateResource } from '../resources/define.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import type { Services } from '../tools/common/define.ts';

const templates = resourceTemplates.map((resource) => ({
  resource,
  uriTemplate: new UriTemplate(resource.uri),
}));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badInput(`"${text}" is not a valid part of a URI: "%" must be written "%25".`);
  }
}

type Content = string | { readonly text: string; readonly mimeType: string };

export interface FoundResource {
  readonly resource: FixedResource | TemplateResource;
  read(call: Call): Promise<Content>;
  /** Whether there can be such a resource, now or later. */
  canExist(): boolean;
  /**
   * Whether it may be watched as far as it has to be there for that.
   * @throws HydrogenError where that cannot be found out
   */
  exists(call: Call): Promise<boolean>;
  /** Whether a caller with these grants may be told of its changes. */
  isFollowable(grants: Grants): boolean;
  /** What of it counts as a change. */
  state(call: Call): Promise<Content>;
}

/** The resource that a URI names, whether it is offered or not. */
export function findResource(requested: string, services: Services): FoundResource | undefined {
  const uri = URL.parse(requested)?.href ?? requested;
  const fixed = fixedResources.find((resource) => resource.uri === uri);
  if (fixed) {
    const read = (call: Call) => fixed.read(services, call);
    const always = { canExist: () => true, exists: async () => true, isFollowable: () => true };
    return { resource: fixed, read, ...always, state: (call) => fixed.state(services, call) };
  }
  for (const { resource, uriTemplate } of templates) {
    const variables = uriTemplate.match(uri);
    if (!variables) continue;
    /** @throws HydrogenError `bad_input` for what is not written as a URI is */
    const values = (): Record<string, string> =>
      Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, decoded(String(value))]));
    const read = async (call: Call) => resource.read(values(), services, call);
    const canExist = (): boolean => {
      const given = values();
      return resource.canExist?.(given) ?? true;
    };
    const exists = async (call: Call): Promise<boolean> =>
      resource.exists?.(values(), services, call) ?? true;
    const isFollowable = (grants: Grants): boolean =>
      resource.isFollowable?.(values(), services, grants) ?? true;
    return { resource, read, canExist, exists, isFollowable, state: read };
  }
  return undefined;
}
