import { loadedOnce } from '../../../loaded-once.ts';
import type { Logger } from '../../../observability/log.ts';
import type { SpentConfirmations } from '../../../policy/confirmation.ts';
import type { KeyRing } from '../../../policy/signing.ts';
import type { ApiKeys } from '../../api-keys/api-keys.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Exports } from '../../documents/export/exports.ts';
import type { Mailbox } from '../../mailbox.ts';
import type { MongoStore } from '../client.ts';
import type { createMongoExports } from './exports.ts';

/** What nodes share besides runs, each loaded at its first use. */

export function lazyMongoConfirmations(store: MongoStore): SpentConfirmations {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoConfirmations } = await import('./confirmations.ts');
    return createMongoConfirmations(store);
  });
  return { use: async (...args) => (await loaded()).use(...args) };
}

export function lazyMongoKeyRing(store: MongoStore, log: Logger): KeyRing {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoKeyRing } = await import('./key-ring.ts');
    return createMongoKeyRing(store, log);
  });
  return {
    current: async () => (await loaded()).current(),
    rotate: async () => (await loaded()).rotate(),
  };
}

export function lazyMongoApiKeys(store: MongoStore): ApiKeys {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoApiKeys } = await import('./api-keys.ts');
    return createMongoApiKeys(store);
  });
  return {
    find: async (...args) => (await loaded()).find(...args),
    used: async (...args) => (await loaded()).used(...args),
    add: async (...args) => (await loaded()).add(...args),
    put: async (...args) => (await loaded()).put(...args),
    list: async (...args) => (await loaded()).list(...args),
    revoke: async (...args) => (await loaded()).revoke(...args),
    rotate: async (...args) => (await loaded()).rotate(...args),
  };
}

export function lazyMongoMailbox(store: MongoStore): Mailbox {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoMailbox } = await import('./mailbox.ts');
    return createMongoMailbox(store);
  });
  return {
    put: async (...args) => (await loaded()).put(...args),
    take: async (...args) => (await loaded()).take(...args),
  };
}

export function lazyMongoExports(
  store: MongoStore,
  options: Parameters<typeof createMongoExports>[1],
): Exports {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoExports } = await import('./exports.ts');
    return createMongoExports(store, options);
  });
  return {
    write: async (...args) => (await loaded()).write(...args),
    read: async (...args) => (await loaded()).read(...args),
    has: async (...args) => (await loaded()).has(...args),
    held: async (call) => (await loaded()).held(call),
    pathOf: async (id) => (await loaded()).pathOf(id),
    count: async (...args) => (await loaded()).count(...args),
    erase: async (...args) => (await loaded()).erase(...args),
    removeExpired: async () => (await loaded()).removeExpired(),
  };
}

export function lazyMongoAuditLog(store: MongoStore): AuditLog {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoAuditLog } = await import('./audit.ts');
    return createMongoAuditLog(store);
  });
  return {
    end: async (...args) => (await loaded()).end(...args),
    append: async (...args) => (await loaded()).append(...args),
    read: async (...args) => (await loaded()).read(...args),
    readBack: async (...args) => (await loaded()).readBack(...args),
    removeThrough: async (...args) => (await loaded()).removeThrough(...args),
    oldTexts: async (...args) => (await loaded()).oldTexts(...args),
    looseTexts: async (...args) => (await loaded()).looseTexts(...args),
    eraseTexts: async (...args) => (await loaded()).eraseTexts(...args),
  };
}
