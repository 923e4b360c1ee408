import type { Call } from '../call.ts';
import type { Guarded } from '../policy/permissions.ts';
import type { Grants } from '../policy/roles.ts';
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

/** A part of a list. */
export interface ListedPage {
  readonly entries: readonly { readonly uri: string; readonly name: string; readonly title?: string }[];
  /** Where the next part begins; absent in the last one. */
  readonly next?: string;
}

/** Values of a variable. */
export interface KnownValues {
  readonly values: readonly string[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

/** The page of a list that was looked at one entry further than the page. */
export function pageFrom(
  begin: number,
  limit: number,
  all: readonly ListedPage['entries'][number][],
): ListedPage {
  const end = begin + limit;
  return { entries: all.slice(begin, end), ...(all.length > end && { next: String(end) }) };
}

export interface TemplateResource extends ResourceBase {
  readonly variables: readonly string[];
  /** Whether there can be one of these values, now or later. */
  canExist?(variables: Readonly<Record<string, string>>): boolean;
  /**
   * Whether there is one of these values for the caller, where only what is there has a name that could be known. Without
   * it, one that is not there yet may be watched.
   * @throws HydrogenError where that cannot be found out
   */
  exists?(variables: Readonly<Record<string, string>>, services: Services, call: Call): Promise<boolean>;
  /**
   * Whether a caller may be told that one of these values changes: one that sees all of it, whether or not it is there.
   */
  isFollowable?(
    variables: Readonly<Record<string, string>>,
    services: Pick<Services, 'connections'>,
    grants: Grants,
  ): boolean;
  /** How long a client may keep what it has read, ms: what can change is read again. */
  readonly keepMs?: number;
  /** @param after where an earlier page said that the next one begins */
  list(services: Services, call: Call, limit: number, after?: string): Promise<ListedPage>;
  /** The values a variable may take, given those already chosen. */
  complete(
    variable: string,
    chosen: Readonly<Record<string, string>>,
    services: Services,
    call: Call,
  ): Promise<KnownValues>;
  /** @throws HydrogenError `not_found` with similar names. */
  read(
    variables: Record<string, string>,
    services: Services,
    call: Call,
  ): Promise<string | { readonly text: string; readonly mimeType: string }>;
}
