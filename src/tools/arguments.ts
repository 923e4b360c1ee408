import { z } from 'zod';

// Shared argument schemas: each description is written once and paid for by every tool that uses it.

export const database = z.string().min(1).max(64).default('main').describe('default "main"');
export const collection = z.string().min(1).max(255);
export const queryObject = z.record(z.string(), z.unknown());
export const filter = queryObject.default({}).describe('MongoDB filter; Extended JSON for ids and dates');
export const cursor = z.string().max(4_096).optional().describe('from the last answer; same other arguments');
export const limit = (fallback: number) => z.int().min(1).max(10_000).default(fallback);
export const documentId = z.string().min(1).max(1_024);
export const waitSeconds = (fallback: number) => z.number().min(0).max(300).default(fallback);
