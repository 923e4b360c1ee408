import { health } from '../tools/health.ts';
import type { FixedResource } from './define.ts';

const json = (value: unknown): string => JSON.stringify(value, null, 2);

export const healthResources: readonly FixedResource[] = [
  {
    name: 'health-live',
    uri: 'health://live',
    title: 'Alive',
    description: 'That the process answers.',
    mimeType: 'application/json',
    tool: health,
    read: async () => json({ status: 'up', uptimeSeconds: Math.round(process.uptime()) }),
    state: async () => 'up',
  },
  {
    name: 'health-ready',
    uri: 'health://ready',
    title: 'Ready',
    description: 'Whether every required part answers.',
    mimeType: 'application/json',
    tool: health,
    read: async (services, call) => json({ ready: await services.health.ready(call) }),
    state: async (services, call) => json(await services.health.ready(call)),
  },
  {
    name: 'health-detail',
    uri: 'health://detail',
    title: 'Health in detail',
    description: 'Every part, with CPU, memory and disk of the process.',
    mimeType: 'application/json',
    tool: health,
    async read(services, call) {
      const report = await services.health.report(call);
      // Whom the parts are not meant for, the process is not.
      return json(
        services.health.isNarrowed ? report : { ...report, process: await services.health.process() },
      );
    },
    state: async (services, call) =>
      json((await services.health.report(call)).parts.map(({ name, state }) => [name, state])),
  },
];
