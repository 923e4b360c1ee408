import { reportMatches } from '../../mql/values/regex-watch.ts';
import { waitBeforeLarge } from '../../mql/values/size.ts';
import { serveStore } from './engine/serve-store.ts';
import { handlers } from './handlers.ts';
import { migrations } from './migrations.ts';

// The entry point of a store thread: the engine and all its operations.
serveStore({ migrations, handlers, reportMatches, waitBeforeLarge });
