// Asks too much of a built server: `npm run hostile [-- PART OPTIONS]`. Each part says more in its file.
//   files   documents that are made to break what reads them (when no part is named)
//   calls   arguments of millions of values
//   roles   generated calls by callers of three roles, with planted secrets
import { runPart } from './part.ts';

await runPart('hostile', ['files', 'calls', 'roles']);
