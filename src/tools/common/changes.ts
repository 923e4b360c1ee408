import { HydrogenError } from '../../errors.ts';
import type { Document } from '../../mql/formats.ts';
import type { ChangeRequest, ChangeResult, Preview } from '../../stores/documents/document-store.ts';
import type { ToolContext } from './define.ts';
import { emptyHint } from './hints.ts';
import { plural } from './queries.ts';
import { questionText, quoted } from './question-text.ts';
import type { CollectionTarget } from './targets.ts';

/** A change requested through a tool. */
export interface Intent {
  readonly tool: string;
  /** The arguments as received. */
  readonly args: object;
  readonly target: CollectionTarget;
  readonly change: ChangeRequest;
  /** The effect on that many documents, as the beginning of a sentence: `Delete 3 documents`. */
  readonly sentence: (matched: number) => string;
  /** Arguments that a person should see. */
  readonly details?: Readonly<Record<string, unknown>>;
}

function targetName({ namespace, connection }: CollectionTarget, { connections }: ToolContext): string {
  const where = connections.all.length > 1 ? ` on connection ${quoted(connection.name)}` : '';
  return `collection ${quoted(namespace.collection)} of database ${quoted(namespace.database)}${where}`;
}

function questionOf(
  { target, sentence, details = {} }: Intent,
  found: Preview,
  context: ToolContext,
): string {
  const { matched, examples } = found;
  const title = `${sentence(matched)} in ${targetName(target, context)}?`;
  return questionText({ title, details, examples, matched });
}

/** Logs one line about a write, without any document content. */
export function audit(
  { call }: ToolContext,
  tool: string,
  { connection, namespace }: CollectionTarget,
  facts: Readonly<Record<string, unknown>>,
): void {
  const { database, collection } = namespace;
  const where = { connection: connection.name, database, collection };
  call.log.info({ audit: true, tool, caller: call.caller.id, ...where, ...facts }, 'collection written');
}

export interface ChangeMade extends ChangeResult {
  /** Where no person has confirmed the change. */
  readonly note?: string;
}

const byToken = 'Confirmed by a second call with the token (confirmBy); this server asked no person.';

/**
 * Changes existing data once a person has confirmed exactly this change, unless the settings waive that.
 * @throws HydrogenError as `Confirmations.confirmed` and `DocumentStore.apply`
 */
export async function makeChange(intent: Intent, context: ToolContext): Promise<ChangeMade> {
  const { config, confirmations } = context;
  const { tool, args, target, change } = intent;
  const { store, connection, database } = target;
  const limits = { maxDocuments: config.maxWriteDocuments };
  const drops = change.kind === 'drop_collection' || change.kind === 'drop_index';
  let confirmation = 'waived';
  const result =
    config.confirmWrites === 'never'
      ? await store.apply(change, limits, context.call)
      : await confirmations.confirmed(
          {
            request: [tool, connection.name, database, args],
            async preview(call) {
              const found = await store.preview(change, limits, call);
              const needsConfirmation = drops || found.matched > 0;
              const confirmed = context.call.asking?.byToken ? 'confirmed by token' : 'confirmed';
              confirmation = needsConfirmation ? confirmed : 'not needed';
              return { needsConfirmation, state: found.state, message: questionOf(intent, found, context) };
            },
            apply: (state, call) => store.apply(change, { ...limits, state }, call),
          },
          context.call,
        );
  const { matched, changed, upsertedId } = result;
  const inserted = upsertedId === undefined ? {} : { inserted: 1 };
  audit(context, tool, target, { matched, changed, ...inserted, confirmation });
  return confirmation === 'confirmed by token' ? { ...result, note: byToken } : result;
}

/** Why nothing matched, as far as a sample of the collection shows; or who has confirmed the change. */
export async function changeNote(
  { matched, upsertedId, note }: ChangeMade,
  { store, namespace }: CollectionTarget,
  filter: Document,
  context: ToolContext,
): Promise<{ note?: string }> {
  if (matched > 0 || upsertedId !== undefined) return note === undefined ? {} : { note };
  const hint = await emptyHint(store, namespace, filter, context.call);
  return { note: `No document matches the filter; nothing was changed.${hint}` };
}

/** @throws HydrogenError `too_large` for more documents than one call may write */
export function assertWithinWriteLimit(count: number, { config }: ToolContext): void {
  const max = config.maxWriteDocuments;
  if (count <= max) return;
  throw new HydrogenError(
    'too_large',
    `Nothing was changed: ${plural(count, 'document')}, but one call may write ${max.toLocaleString('en')} (maxWriteDocuments). Make several calls.`,
  );
}
