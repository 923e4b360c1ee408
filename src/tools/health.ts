import { z } from 'zod';
import { defineTool } from './common/define.ts';

export const health = defineTool({
  name: 'health',
  operation: 'read',
  title: 'Health',
  description: 'What works and what does not, part by part, and what to do about it.',
  input: z.strictObject({}),
  output: z.strictObject({
    status: z.string(),
    version: z.string(),
    uptimeSeconds: z.number(),
    parts: z.array(
      z.strictObject({
        name: z.string(),
        state: z.string(),
        detail: z.string(),
        action: z.string().optional(),
      }),
    ),
  }),
  async run(_args, { health, call }) {
    const { parts, ...report } = await health.report(call);
    return { ...report, parts: [...parts] };
  },
});
