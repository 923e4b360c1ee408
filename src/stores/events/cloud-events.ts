import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Change } from './events.ts';

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export const contentType = 'application/cloudevents+json';

/** The types of our events begin with it: `hydrogen.run.changed`. */
const typePrefix = 'hydrogen.';

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype?: string;
  readonly data?: unknown;
}

/** @param source who tells it: a URI reference */
export function cloudEventOf(change: Change, source: string): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: `${typePrefix}${change.type}`,
    ...('subject' in change && { subject: change.subject }),
    time: new Date().toISOString(),
    ...('data' in change && { datacontenttype: 'application/json', data: change.data }),
  };
}

const text = z.string().max(2_000);
const envelope = { specversion: z.literal('1.0'), id: text, source: text };
const collectionChange = z.object({
  connection: text,
  server: text,
  database: text,
  collection: text,
  dropped: z.boolean(),
});

/** What is not one of these is not for us: later versions may tell more. */
const known = z.discriminatedUnion('type', [
  z.object({ ...envelope, type: z.literal('hydrogen.library.changed') }),
  z.object({ ...envelope, type: z.literal('hydrogen.everything.changed') }),
  z.object({ ...envelope, type: z.literal('hydrogen.run.changed'), subject: text }),
  z.object({
    ...envelope,
    type: z.literal('hydrogen.collection.changed'),
    subject: text,
    data: collectionChange,
  }),
]);

/** The change that a message tells, and who tells it; undefined where it is not an event of ours. */
export function changeOf(message: unknown): { readonly change: Change; readonly source: string } | undefined {
  const { data: event } = known.safeParse(message);
  if (!event) return undefined;
  const { source } = event;
  switch (event.type) {
    case 'hydrogen.library.changed':
      return { source, change: { type: 'library.changed' } };
    case 'hydrogen.everything.changed':
      return { source, change: { type: 'everything.changed' } };
    case 'hydrogen.run.changed':
      return { source, change: { type: 'run.changed', subject: event.subject } };
    case 'hydrogen.collection.changed':
      return { source, change: { type: 'collection.changed', subject: event.subject, data: event.data } };
  }
}
