import { randomUUID } from 'node:crypto';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import type { Logger } from '../observability/log.ts';
import { version } from '../version.ts';

/** Pauses between two log lines about a collector that is away, ms. */
const quietMs = 60_000;
/** How long the last of what is sent may take, ms. */
const closeMs = 1_000;

/** What this process is to a collector; `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say it otherwise, or more. */
export function ownResource(): Resource {
  const own = resourceFromAttributes({
    'service.name': 'hydrogen-mcp',
    'service.version': version,
    'service.instance.id': randomUUID(),
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

/** The address for one kind of what is sent; none where the environment says it. */
export function addressFor(kind: 'traces' | 'metrics', url: string | undefined): { readonly url?: string } {
  const address = url?.replace(/\/(v1\/(traces|metrics))?\/?$/, '');
  return address === undefined ? {} : { url: `${address}/v1/${kind}` };
}

/** Has the log say what the SDK would keep to itself. @returns the same for what it throws */
export function warnOfCollector(log: Logger): (error: unknown) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  const warn = (message: string): void => {
    if (performance.now() - saidAt < quietMs) return;
    saidAt = performance.now();
    log.warn(
      { err: { message } },
      'traces or metrics are not taken: check otlpUrl, and that the collector runs',
    );
  };
  const quiet = (): void => {};
  diag.setLogger(
    { error: warn, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  return (error) => warn(error instanceof Error ? error.message : String(error));
}

/** Waits for the last to be sent, not for a collector that does not take it. */
export async function sentInTime(closing: Promise<unknown>): Promise<void> {
  await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, closeMs).unref())]);
}
