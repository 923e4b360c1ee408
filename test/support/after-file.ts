import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';
import { collectGarbage } from './garbage.ts';

afterAll(() => {
  // vitest ends its processes with a signal, before Node could write what was covered.
  takeCoverage();
  // What the next file of this process may fill of the heap is judged by what is in use.
  collectGarbage();
});
