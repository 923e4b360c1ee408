import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

// vitest ends its processes with a signal, before Node could write what was covered.
afterAll(() => takeCoverage());
