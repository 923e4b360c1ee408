import type { Call } from '../call.ts';
import type { Guarded } from '../policy/permissions.ts';
import type { Services } from '../tools/common/define.ts';

interface ResourceBase {
  readonly name: string;
  readonly uri: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** The tool this is a view of: the resource is listed, completed and read exactly where the tool is offered. */
  readonly tool: Guarded;
}

export interface FixedResource extends ResourceBase {
  /** The text of the resource. */
  read(services: Services, call: Call): Promise<string>;
  /** What of it counts as a change: not its figures, which always differ. */
  state(services: Services, call: Call): Promise<string>;
}

export interface TemplateResource extends ResourceBase {
  readonly variables: readonly string[];
  list(
    services: Services,
    call: Call,
    limit: number,
  ): Promise<{ uri: string; name: string; title?: string }[]>;
  /** All values a variable may take, given those already chosen. */
  complete(
    variable: string,
    chosen: Readonly<Record<string, string>>,
    services: Services,
    call: Call,
  ): Promise<string[]>;
  /** @throws HydrogenError `not_found` with similar names. */
  read(
    variables: Record<string, string>,
    services: Services,
    call: Call,
  ): Promise<string | { readonly text: string; readonly mimeType: string }>;
}
