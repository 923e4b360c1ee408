import { ObjectId } from 'bson';
import type { Document } from '../../src/mql/formats.ts';

/** How many customers the orders refer to; `customerId` is 1 to this number. */
const CUSTOMERS = 1000;

const STATUSES = ['pending', 'paid', 'shipped', 'delivered', 'cancelled'] as const;
const CITIES = [
  'Paris',
  'Berlin',
  'Madrid',
  'Rome',
  'Vienna',
  'Warsaw',
  'Lisbon',
  'Dublin',
  'Oslo',
  'Prague',
];
const STREETS = ['Station Road', 'Church Lane', 'Mill Street', 'Park Avenue', 'Harbour Way'];
const TAGS = ['gift', 'express', 'fragile', 'bulk', 'returned', 'insured', 'b2b', 'promo'];
const TIERS = ['bronze', 'silver', 'gold', 'platinum'];
const START = Date.UTC(2024, 0, 1);

/** Numbers in [0, 1) that are the same in every run (mulberry32, public domain, T. Ettinger). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <Item>(items: readonly Item[], at: number): Item => items[Math.floor(at * items.length)] as Item;

const idOf = (prefix: string, number: number): ObjectId =>
  new ObjectId(prefix + number.toString(16).padStart(24 - prefix.length, '0'));

/** The order of that number, counted from 0: about 540 bytes of BSON, always the same. */
function order(number: number): Document {
  const next = random(number + 1);
  const items = Array.from({ length: 1 + Math.floor(next() * 4) }, () => ({
    sku: `SKU-${String(Math.floor(next() * 5000)).padStart(5, '0')}`,
    qty: 1 + Math.floor(next() * 9),
    price: Math.round(next() * 20000) / 100,
  }));
  const amount = items.reduce((sum, { qty, price }) => sum + qty * price, 0);
  return {
    _id: idOf('65', number),
    number: `ORD-${String(number).padStart(8, '0')}`,
    customerId: 1 + Math.floor(next() * CUSTOMERS),
    status: pick(STATUSES, next()),
    amount: Math.round(amount * 100) / 100,
    currency: next() < 0.8 ? 'EUR' : 'USD',
    createdAt: new Date(START + Math.floor(next() * 730 * 86_400_000)),
    address: {
      street: `${1 + Math.floor(next() * 200)} ${pick(STREETS, next())}`,
      city: pick(CITIES, next()),
      postcode: String(10_000 + Math.floor(next() * 89_999)),
      country: 'EU',
    },
    items,
    tags: TAGS.filter(() => next() < 0.25),
    priority: Math.floor(next() * 5),
    paid: next() < 0.7,
    payment: {
      method: next() < 0.6 ? 'card' : 'invoice',
      reference: `PAY-${String(number).padStart(12, '0')}`,
    },
    note: next() < 0.3 ? 'Please leave the parcel with the neighbour if nobody is at home.' : null,
  };
}

/** The customer of that number, counted from 1. */
function customer(number: number): Document {
  const next = random(0x5eed + number);
  return {
    _id: number,
    name: `Customer ${number}`,
    tier: pick(TIERS, next()),
    country: pick(['FR', 'DE', 'ES', 'IT', 'AT'], next()),
    since: new Date(START - Math.floor(next() * 3650 * 86_400_000)),
  };
}

/** `count` orders, one after the other. */
export function* orders(count: number): Generator<Document> {
  for (let number = 0; number < count; number++) yield order(number);
}

/** All customers. */
export function* customers(): Generator<Document> {
  for (let number = 1; number <= CUSTOMERS; number++) yield customer(number);
}
