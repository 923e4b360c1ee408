import { onTestFinished } from 'vitest';
import {
  createEmbeddedJournal,
  createEmbeddedVerdicts,
} from '../../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { journalContract } from './contract.ts';

journalContract({
  name: 'embedded',
  async open() {
    const file = createEmbeddedStore(await temporaryDirectory(), 1);
    onTestFinished(() => file.close());
    return { journal: createEmbeddedJournal(file), verdicts: createEmbeddedVerdicts(file) };
  },
});
