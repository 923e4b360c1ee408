import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { HydrogenError } from '../../errors.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
import type { SchemaAnswer, SchemaJob } from './messages.ts';

// The entry point of the thread that checks values: a regular expression in a schema can run forever.
void serveJobs<SchemaJob>(async () => {
  return ({ schema, value, what }): SchemaAnswer => {
    const dialect = String((schema as { $schema?: unknown } | null)?.$schema ?? '');
    const ajv = new (dialect.includes('draft-07') ? Ajv : Ajv2020)({ strict: false, useDefaults: true });
    ajvFormats.default(ajv);
    const check = (() => {
      try {
        return ajv.compile(schema as object);
      } catch (error) {
        const reason = error instanceof Error ? error.message : '';
        throw new HydrogenError('bad_input', `The schema of ${what} cannot be used: ${reason}.`);
      }
    })();
    const checked = structuredClone(value);
    if (check(checked)) return { value: checked };
    const { instancePath = '', message = 'is not valid', params = {} } = check.errors?.[0] ?? {};
    const extra = params['additionalProperty'] ?? params['unevaluatedProperty'];
    const detail = extra === undefined ? '' : ` ("${extra}")`;
    const allowed = Array.isArray(params['allowedValues'])
      ? `: ${JSON.stringify(params['allowedValues'])}`
      : '';
    return { problem: `${instancePath || what} ${message}${detail}${allowed}` };
  };
});
