import { expect, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { settings } from '../../src/config.ts';
import { createGrants, type Grants } from '../../src/policy/roles.ts';

type Roles = Record<string, object>;

function grants(roles: Roles, more: Partial<Caller> = {}): Grants {
  const config = settings.parse({ roles });
  const caller: Caller = { id: 'ada', scopes: ['read'], roles: Object.keys(roles), ...more };
  return createGrants(config)(caller);
}

const orders = { connection: 'sales', database: 'shop', collection: 'orders' };

test('a caller without roles is not narrowed, one with an empty list of them may do nothing', () => {
  const { roles: _none, ...caller } = { id: 'ada', scopes: ['read'] as const, roles: [] };
  const of = createGrants(settings.parse({}));
  expect(of(caller)).toMatchObject({ isUnrestricted: true });
  const none = of({ ...caller, roles: [] });
  expect(none.tool('find', 'read')).toBe(false);
  expect(none.data('read').collection(orders)).toBeUndefined();
  expect(none.source('reports', 'read')).toBeUndefined();
});

test('a role that the settings no longer have allows nothing', () => {
  const of = createGrants(settings.parse({ roles: { analyst: {} } }));
  expect(of({ id: 'a', scopes: ['read'], roles: ['gone'] }).tool('find', 'read')).toBe(false);
});

test('what a role leaves out is not narrowed', () => {
  const { tool, workflow, data, source } = grants({ all: {} });
  expect([tool('drop_collection', 'destroy'), workflow('w')]).toEqual([true, true]);
  expect(data('write').collection(orders)).toEqual({ hidden: [] });
  expect(source('reports', 'ingest')).toEqual({});
});

test('collections are named by connection, database and collection, with * for any characters', () => {
  const { data } = grants({ one: { collections: ['sales/*/ord*', '!sales/shop/orders_old'] } });
  const has = (connection: string, database: string, collection: string): boolean =>
    data('read').collection({ connection, database, collection }) !== undefined;
  expect(has('sales', 'shop', 'orders')).toBe(true);
  expect(has('sales', 'other', 'orders.archive/2024')).toBe(true);
  expect(has('sales', 'shop', 'orders_old')).toBe(false);
  expect(has('sales', 'shop', 'customers')).toBe(false);
  expect(has('hr', 'shop', 'orders')).toBe(false);
});

test('what another pattern takes out stays out where only exclusions are named', () => {
  const { source } = grants({ one: { sources: ['!hr*'] } });
  expect(source('reports', 'read')).toEqual({});
  expect(source('hr-2026', 'read')).toBeUndefined();
});

test('an empty list lets nothing in', () => {
  const { data, source, tool, workflow, connection, areSourcesNarrowed } = grants({
    one: { collections: [], sources: [], workflows: [], tools: [] },
  });
  expect(data('read').collection(orders)).toBeUndefined();
  expect(data('read').database({ connection: 'sales', database: 'shop' })).toBe(false);
  expect(connection('sales')).toBe(false);
  expect(source('reports', 'read')).toBeUndefined();
  expect(areSourcesNarrowed('read')).toBe(true);
  expect(workflow('monthly')).toBe(false);
  expect(tool('find', 'read')).toBe(false);
  expect(grants({ one: { operations: [] } }).anyTool('read')).toBe(false);
});

test('what one role may see is not changed with what another one may do', () => {
  const { data, tool } = grants({
    reader: { operations: ['read'], collections: ['sales/*/*'] },
    writer: { operations: ['read', 'write'], collections: ['lab/*/*'] },
  });
  expect(tool('insert', 'write')).toBe(true);
  expect(data('write').collection(orders)).toBeUndefined();
  expect(data('read').collection(orders)).toEqual({ hidden: [] });
});

test('rows of one role all hold, those of several roles are added up, and what one hides stays hidden', () => {
  const rows = (filter: object) => ({ rows: [{ collection: 'sales/*/*', filter }] });
  const { data } = grants({
    north: { ...rows({ region: 'north' }), hidden: [{ collection: '*/*/orders', fields: ['price'] }] },
    open: {
      rows: [
        { collection: 'sales/shop/*', filter: { state: 'open' } },
        { collection: '*/*/orders', filter: { size: { $gt: 5 } } },
      ],
    },
  });
  expect(data('read').collection(orders)).toEqual({
    rows: { $or: [{ region: 'north' }, { $and: [{ state: 'open' }, { size: { $gt: 5 } }] }] },
    hidden: ['price'],
  });
});

test.each<[string, object, unknown, unknown]>([
  ['a text', { tenant: '$caller.tenant' }, 'north', { tenant: 'north' }],
  ['a text that looks like an operator', { tenant: '$caller.tenant' }, '$ne', { tenant: '$ne' }],
  ['several values', { tenant: '$caller.tenant' }, ['a', 'b'], { tenant: { $in: ['a', 'b'] } }],
  ['a value in an operator', { n: { $gte: '$caller.tenant' } }, 5, { n: { $gte: 5 } }],
  [
    'several values in $in',
    { n: { $in: ['$caller.tenant', 'x'] } },
    ['a', 'b'],
    { n: { $in: ['a', 'b', 'x'] } },
  ],
  ['$in itself', { n: { $in: '$caller.tenant' } }, 'a', { n: { $in: ['a'] } }],
  ['$ne of several', { n: { $ne: '$caller.tenant' } }, ['a', 'b'], { n: { $nin: ['a', 'b'] } }],
  [
    'within $or and $elemMatch',
    { $or: [{ l: { $elemMatch: { t: '$caller.tenant' } } }] },
    'a',
    { $or: [{ l: { $elemMatch: { t: 'a' } } }] },
  ],
])('a claim stands in a filter: %s', (_what, filter, tenant, rows) => {
  const { data } = grants({ one: { rows: [{ collection: '*/*/*', filter }] } }, { claims: { tenant } });
  expect(data('read').collection(orders)).toEqual({ rows, hidden: [] });
});

test.each<[string, unknown]>([
  ['missing', undefined],
  ['an object, such as an operator', { $ne: null }],
  ['a list with an object', ['a', { $gt: '' }]],
  ['an empty list', []],
  ['null', null],
])('where a claim is %s no row exists', (_what, tenant) => {
  const rows = [{ collection: '*/*/*', filter: { tenant: { $ne: '$caller.tenant' } } }];
  const { data } = grants({ one: { rows } }, { claims: tenant === undefined ? {} : { tenant } });
  expect(data('read').collection(orders)).toEqual({ rows: { _id: { $in: [] } }, hidden: [] });
});

test('a claim of that name that every object has is none', () => {
  const rows = [{ collection: '*/*/*', filter: { tenant: '$caller.constructor' } }];
  const { data } = grants({ one: { rows } }, { claims: {} });
  expect(data('read').collection(orders)?.rows).toEqual({ _id: { $in: [] } });
});

test.each(['items.0.price', '_id', '_id.tenant', 'a..b', '$a', ''])(
  'the path "%s" cannot be hidden',
  (path) => {
    const hidden = [{ collection: '*/*/*', fields: [path] }];
    expect(settings.safeParse({ roles: { one: { hidden } } }).success).toBe(false);
  },
);
