import type { Call } from '../call.ts';
import type { Calls } from '../calls.ts';
import type { Logger } from '../observability/log.ts';
import type { Services } from '../tools/define.ts';

export interface ResourceApp extends Services {
  readonly log: Logger;
  readonly calls: Calls;
}

interface ResourceBase {
  readonly name: string;
  readonly uri: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface FixedResource extends ResourceBase {
  /** The text of the resource. */
  read(app: ResourceApp, call: Call): Promise<string>;
}

export interface TemplateResource extends ResourceBase {
  readonly variables: readonly string[];
  list(app: ResourceApp, call: Call, most: number): Promise<{ uri: string; name: string; title?: string }[]>;
  /** All values a variable may take, given those that are already chosen. */
  complete(variable: string, chosen: Record<string, string>, app: ResourceApp, call: Call): Promise<string[]>;
  /** @throws HydrogenError `not_found` with near names. */
  read(
    variables: Record<string, string>,
    app: ResourceApp,
    call: Call,
  ): Promise<string | { readonly text: string; readonly mimeType: string }>;
}
