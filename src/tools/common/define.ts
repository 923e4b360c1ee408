import type { z } from 'zod';
import type { Call, Operation } from '../../call.ts';
import type { DispatchContext } from '../../dispatch.ts';
import type { Library } from '../../library/types.ts';
import type { Health } from '../../observability/health.ts';
import type { Confirmations } from '../../policy/confirmation.ts';
import type { OwnPaths } from '../../policy/own-files.ts';
import type { Signer } from '../../policy/signing.ts';
import type { Cache } from '../../stores/cache/cache.ts';
import type { Connections } from '../../stores/documents/connections.ts';
import type { Exports } from '../../stores/documents/export/exports.ts';
import type { Workflows } from '../../workflows/types.ts';

/** The dependencies of tools, resources and prompts; built once by the composition root. */
export interface Services extends DispatchContext {
  /** The server's own files, which are never read or overwritten. */
  readonly ownPaths: OwnPaths;
  readonly connections: Connections;
  /** What was computed lately, by any node that shares it. */
  readonly cache: Cache;
  readonly exports: Exports;
  readonly library: Library;
  readonly workflows: Workflows;
  readonly health: Health;
  /** Waits for the data directory. */
  signer(): Promise<Signer>;
  readonly confirmations: Confirmations;
}

export interface ToolContext extends Services {
  readonly call: Call;
}

/** Rows or passages: text only, capped, marked as data (`render.ts`). */
export interface Rows<Row = unknown> {
  /** What this is, how many, which cap bit and how to get more. */
  readonly summary: string;
  /** Why there are no rows, or other ones than were meant: also the end of the summary. */
  readonly note?: string;
  /** The rows may not be what was asked for: the summary begins with that, and is shown first. */
  readonly isDoubtful?: boolean;
  /** BSON values or plain JSON; one JSON line each. */
  readonly rows: readonly Row[];
  /** Results that can be read as resources. */
  readonly links?: readonly ResourceLink[];
}

export interface ResourceLink {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
}

/** A piece of a document: the text itself is the second block. */
export interface TextPart {
  readonly summary: string;
  readonly text: string;
}

interface ToolBase<Input extends z.ZodObject> {
  readonly name: string;
  /** The only thing that decides annotations, whether the tool appears, scopes and audit. */
  readonly operation: Operation;
  readonly title: string;
  /** For the model: what it does and when to choose it. */
  readonly description: string;
  readonly input: Input;
  /** Advice for a call that exceeds its time limit; general advice by default. */
  readonly lateAdvice?: string;
  /** Set where a call leaves a file behind, and is recorded as a change is. */
  readonly leavesFile?: true;
  /** Set where existing data is changed only once that is confirmed (`changes.ts`). */
  readonly isConfirmed?: true;
}

/** The argument with a token, in confirmations by a second call: it belongs to the protocol, not to the tool. */
export const tokenArgument = 'confirmation';

/** In the description of a tool whose changes are confirmed. */
export const askedFirst = 'A person may be asked to confirm it.';

/** Advice for tools that read a collection. */
export const narrowQuery = 'Narrow it (a filter, a smaller limit, an earlier $match) and try again.';
/** Advice for tools that change what a filter matches. */
export const narrowFilter = 'Narrow the filter, and make the change in parts.';

/** A tool that returns a small typed fact: `output` is its schema. */
export interface FactTool<Input extends z.ZodObject, Output extends z.ZodObject> extends ToolBase<Input> {
  readonly output: Output;
  run(args: z.output<Input>, context: ToolContext): Promise<z.input<Output>>;
}

/** A tool whose clients see text; the row type serves our own command line. */
export interface TextTool<Input extends z.ZodObject, Text extends Rows | TextPart> extends ToolBase<Input> {
  readonly output?: never;
  run(args: z.output<Input>, context: ToolContext): Promise<Text>;
}

export type Answer = Rows | TextPart | Record<string, unknown>;

/** Any tool, as seen by the server and the workflow engine. */
export interface Tool<Result extends Answer = Answer> extends ToolBase<z.ZodObject> {
  readonly output?: z.ZodObject;
  run(args: never, context: ToolContext): Promise<Result>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: FactTool<Input, Output>,
): FactTool<Input, Output>;
export function defineTool<Input extends z.ZodObject, Text extends Rows | TextPart>(
  tool: TextTool<Input, Text>,
): TextTool<Input, Text>;
/** An identity function with types: a tool is plain data. */
export function defineTool(tool: Tool): Tool {
  return tool;
}
