import { decode } from '../../../../mql/index.ts';
import type { ChangeLimits, ChangeRequest } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { remove } from './delete.ts';
import { removeCollection, removeIndex } from './drop.ts';
import { insert } from './insert.ts';
import { preview } from './preview.ts';
import { type EncodedChange, update } from './update.ts';
import { type PipelineChange, writePipeline } from './write-pipeline.ts';

/** A change with its limits, as one BSON document: its values keep their types. */
interface Bounded {
  readonly change: ChangeRequest;
  readonly limits: ChangeLimits;
}

function apply(session: Session, change: ChangeRequest, limits: ChangeLimits): EncodedChange {
  switch (change.kind) {
    case 'update':
      return update(session, change, limits);
    case 'delete':
      return remove(session, change, limits);
    case 'drop_collection':
      return removeCollection(session, change, limits);
    case 'drop_index':
      return removeIndex(session, change, limits);
  }
}

export const changeHandlers = {
  insert,
  preview(session: Session, bson: Uint8Array) {
    const { change, limits } = decode(bson) as unknown as Bounded;
    return preview(session, change, limits);
  },
  apply(session: Session, bson: Uint8Array) {
    const { change, limits } = decode(bson) as unknown as Bounded;
    return apply(session, change, limits);
  },
  writePipeline: (session: Session, bson: Uint8Array) =>
    writePipeline(session, decode(bson) as unknown as PipelineChange),
};
