import { serveStore } from '../../../../src/stores/embedded/engine/serve-store.ts';
import { handlers, migrations } from './notes.ts';

serveStore({ migrations, handlers, reportMatches() {}, waitBeforeLarge() {} });
