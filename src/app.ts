import { join } from 'node:path';
import { type Audit, createAudit } from './audit/audit.ts';
import type { Call, Caller, Operation } from './call.ts';
import { type Calls, createCalls } from './calls.ts';
import { dataDirectoryOf, placeFault, thisMachine } from './config/data-directory.ts';
import type { SettingsFile } from './config/load.ts';
import { createProblems, type Problems } from './config/problems.ts';
import { storesOf } from './config/stores.ts';
import type { Config } from './config.ts';
import { createEmbedder } from './embeddings/embedder.ts';
import { rememberQueries } from './embeddings/remembered-queries.ts';
import type { Embedder } from './embeddings/types.ts';
import { settledWithin } from './ending.ts';
import type { Erasure } from './erasure/erase.ts';
import { createRetention } from './erasure/retention.ts';
import { HydrogenError } from './errors.ts';
import { createLibrary } from './library/library.ts';
import { resolveSources } from './library/sync/collections/collection-source.ts';
import type { MetricSources } from './metrics/collect.ts';
import { type Metrics, openMetrics } from './metrics/metrics.ts';
import { createHealth } from './observability/health.ts';
import type { Logger } from './observability/log.ts';
import { reveal } from './observability/secret.ts';
import { openForeign, openStores } from './open-stores.ts';
import { type Access, createAccess } from './policy/access.ts';
import type { Authenticate } from './policy/authentication.ts';
import { createConfirmations } from './policy/confirmation.ts';
import { type CallerLimits, createLimits } from './policy/limits.ts';
import { renewableAccess } from './policy/renewable-access.ts';
import { createSigner, type Signer } from './policy/signing.ts';
import { createProbes } from './probes.ts';
import { createOfferNews, createReread } from './reread.ts';
import { samples } from './samples.ts';
import { similarNames } from './similar-names.ts';
import type { ApiKeys } from './stores/api-keys/api-keys.ts';
import type { Cache } from './stores/cache/cache.ts';
import { spentOnce } from './stores/confirmations/spent-once.ts';
import type { Connections } from './stores/documents/connections.ts';
import { withShares } from './stores/documents/export/shares.ts';
import { forgetChanged } from './stores/documents/forget-changed.ts';
import { lazyMongoDocuments } from './stores/documents/mongodb/lazy.ts';
import { observedConnections } from './stores/documents/observed.ts';
import { openConnections } from './stores/documents/open-connections.ts';
import { createEmbeddedDocuments } from './stores/embedded/documents/documents.ts';
import { createEmbeddedStore } from './stores/embedded/store.ts';
import type { Events, NodeChannel } from './stores/events/events.ts';
import { createTell, tellingCatalog, tellingJournal } from './stores/events/telling.ts';
import type { Mailbox } from './stores/mailbox.ts';
import type { Services } from './tools/common/define.ts';
import { argumentNameFaults, executeTool } from './tools/common/execute.ts';
import { noteOf, plainAnswer } from './tools/common/render.ts';
import { tools } from './tools/tools.ts';
import { tracedEmbedder, tracedJournal, tracedLibrary } from './tracing/ports.ts';
import { openTracing } from './tracing/tracing.ts';
import { version } from './version.ts';
import type { WorkflowFunctions } from './workflows/types.ts';
import { createWorkflows } from './workflows/workflows.ts';

/** Everything the server is made of. Opening does no work: each part starts on first use or at `start`. */
export interface App extends Services {
  readonly log: Logger;
  /** Who did what. */
  readonly audit: Audit;
  /** Under way; the steps of runs are not among them. */
  readonly calls: Calls;
  /** Hears how much text of an answer goes out. */
  sent(operation: Operation, caller: Caller, bytes: number): void;
  /** Who calls over HTTP. */
  readonly authenticate: Authenticate;
  /** What else there is to know of callers over HTTP: keys, tokens, and whether the server may listen. */
  readonly access: Access;
  /** The keys of callers over HTTP. */
  readonly apiKeys: ApiKeys;
  /** Told of changes, by this process and the other nodes. */
  readonly events: Events;
  /** The way to the other nodes; absent where this one knows of none. */
  readonly channel?: NodeChannel;
  /** Where answers wait for the node that asked; absent where no other node could have. */
  readonly mailbox?: Mailbox;
  /** What callers may use. */
  readonly limits: CallerLimits;
  /** Where they are kept. */
  readonly metrics?: Metrics;
  readonly dataDirectory: string;
  /** What erases on request, loaded when it is asked for. */
  erasure(): Promise<Erasure>;
  /** Differs after a change in the embedded store, whichever process made it. */
  changeMark(): Promise<string>;
  /** Tells when callers may be offered something else, by settings that were read again. */
  onOffersChanged(listener: () => void): () => void;
  /** Takes over settings that were read again, as far as that is possible while the server runs. */
  readonly reread: ReturnType<typeof createReread>;
  /** Starts background work: opening the store, resuming runs, embedding what is pending. */
  start(): void;
  /**
   * Shuts down in an order that loses nothing, within `ms` in total. A part that takes longer is named in the log and
   * left to die with the process.
   */
  close(ms?: number): Promise<void>;
}

/** Default time limit for closing, ms. */
const closeMs = 20_000;
/** Share of that time for the parts that write to the store; the store itself gets the rest. */
const shareOfParts = 0.6;

/** How long a server may take to say whether it has the collection of the sample workflows, ms. */
const sampleCheckMs = 2_000;

/**
 * Tells whether the collection that the sample workflows read is there: without it they could only fail. While the
 * default connection does not say, the last answer holds.
 */
function createSampleCheck(connections: Connections): (call: Call) => Promise<boolean> {
  let last = false;
  return async (call) => {
    const { store, database } = connections.get();
    if (database === undefined) return false;
    const deadline = Math.min(call.deadline, Date.now() + sampleCheckMs);
    // What a role hides from its caller is there for others, and what is there is not told to that one.
    const isWhole = call.caller.roles === undefined;
    const answer = (isThere: boolean): boolean => {
      if (isWhole) last = isThere;
      return isThere;
    };
    try {
      await store.indexes({ database, collection: samples.workflowCollection }, { ...call, deadline });
      return answer(true);
    } catch (error) {
      if (error instanceof HydrogenError && error.code === 'not_found') return answer(false);
      call.log.debug({ err: error }, 'the default connection did not say whether the samples are there');
      return isWhole && last;
    }
  };
}

/** The tools a workflow may call, on behalf of the run's caller. */
function workflowFunctions(services: () => Services): WorkflowFunctions {
  const readable = tools.filter((tool) => tool.operation === 'read');
  return {
    names: readable.map(({ name }) => name),
    argumentFaults(name, given) {
      const tool = readable.find((candidate) => candidate.name === name);
      return tool ? argumentNameFaults(tool, given) : [];
    },
    async call(name, args, call: Call, tell) {
      const tool = readable.find((candidate) => candidate.name === name);
      if (!tool) throw new Error(`no function ${name}`);
      const answer = await executeTool(tool, args, services(), call);
      const note = noteOf(answer);
      if (note !== undefined) tell?.(note);
      return plainAnswer(answer);
    },
  };
}

/**
 * One embedder a model, which loads at its first use: that of the library, and those of collections that others fill,
 * which share it where it is the same.
 */
function createEmbedders(
  config: Config,
  cache: Cache,
  log: Logger,
): { of(model: string, setting: string): Embedder; close(): Promise<void> } {
  const known = new Map<string, Embedder>();
  return {
    of(model, setting) {
      const shared = known.get(model);
      if (shared) return shared;
      const made = createEmbedder(
        {
          model,
          setting,
          cacheDirectory: join(dataDirectoryOf(config), 'models'),
          timeoutMs: config.embeddingTimeoutMs,
          ...(config.embeddingMirror !== undefined && { mirror: config.embeddingMirror }),
          ...(config.embeddingToken !== undefined && { token: reveal(config.embeddingToken) }),
        },
        log,
      );
      const embedder = rememberQueries(tracedEmbedder(made), cache, config.queryCacheMs);
      known.set(model, embedder);
      return embedder;
    },
    async close() {
      await Promise.all([...known.values()].map((embedder) => embedder.close()));
    },
  };
}

/** A typo must not leave a tool enabled that was meant to be disabled. */
function checkToolNames(names: readonly string[], problems: Problems): void {
  const known = tools.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const suggestions = similarNames(name, known).map((suggestion) => `"${suggestion}"`);
    const hint =
      suggestions.length > 0 ? `Did you mean ${suggestions.join(' or ')}?` : `There are ${known.join(', ')}.`;
    problems.add(`Setting "disabledTools": there is no tool "${name}". ${hint}`);
  }
}

/**
 * Builds stores, library, workflows and health from the settings.
 * @param settingsFiles absolute paths of the files of settings and secrets in use
 * @param origins the settings files that were looked for, for health
 */
export async function openApp(
  config: Config,
  log: Logger,
  settingsFiles: readonly string[] = [],
  origins: readonly SettingsFile[] = [],
): Promise<App> {
  const problems = createProblems();
  checkToolNames(config.disabledTools, problems);
  const dataDirectory = dataDirectoryOf(config);
  const ownFiles = [...settingsFiles];
  const ownPaths = { dataDirectory, files: ownFiles };
  const storeFile = createEmbeddedStore(dataDirectory, config.readThreads);
  const documents = createEmbeddedDocuments(storeFile);
  const stores = openStores(config, storeFile, log);
  const otlpUrl = config.otlpUrl ?? process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const collector =
    otlpUrl && process.env['OTEL_METRICS_EXPORTER'] !== 'none' ? { url: config.otlpUrl, log } : undefined;
  const measured = (): MetricSources => ({ ...stores, store: storeFile, library, servers });
  const metrics = config.metrics || collector ? openMetrics(measured, collector) : undefined;
  const tracing =
    otlpUrl && process.env['OTEL_TRACES_EXPORTER'] !== 'none' ? openTracing(config.otlpUrl, log) : undefined;
  const limits = createLimits({
    get settings() {
      return config.limits;
    },
    counters: stores.counters,
    ...(metrics && { hit: metrics.limitHit }),
  });
  const { cache, events } = stores;
  const tell = createTell(events, log);
  const opened = openConnections(config, documents, lazyMongoDocuments, log, {
    cache,
    descriptionsForMs: config.schemaCacheMs,
    tell,
  });
  const connections = {
    ...opened,
    ...observedConnections(opened, [tracing?.storeUse, metrics?.storeUse]),
  };
  const sources = resolveSources(config, connections, problems);
  const nameable = {
    tools: tools.map(({ name }) => name),
    connections: connections.all.map(({ name }) => name),
    sources,
  };
  async function checkRoles(wanted: Config, found: Problems): Promise<void> {
    const { roles, localRole, limits, oauth } = wanted;
    if (Object.keys(roles).length + oauth.length === 0 && localRole === undefined && !limits.roles) return;
    // It compiles filters, for which the whole language is loaded.
    const { problemsOfRoles } = await import('./policy/role-problems.ts');
    problemsOfRoles(wanted, nameable, found);
  }
  await checkRoles(config, problems);
  problems.throwIfAny();
  const embedders = createEmbedders(config, cache, log);
  const embedder = embedders.of(config.embeddingModel, 'embeddingModel');
  const foreign = config.qdrantCollections.map((given) => {
    const { model = config.embeddingModel, queryPrefix } = given;
    return {
      ...openForeign(given, config),
      embedder: embedders.of(model, `qdrantCollections ("model" of "${given.name}")`),
      ...(queryPrefix !== undefined && { queryPrefix }),
    };
  });
  const created = createLibrary({
    ...stores.library,
    catalog: tellingCatalog(stores.library.catalog, tell),
    embedder,
    foreign,
    log,
    files: {
      maxFileBytes: config.maxFileBytes,
      maxNumericRows: config.maxNumericRows,
      parseTimeoutMs: config.parseTimeoutMs,
      parseMemoryMb: config.parseMemoryMb,
      include: config.include,
      exclude: config.exclude,
    },
    collections: sources,
    languages: config.languages,
    scanEveryMs: config.scanEveryMs,
    ...(config.watchEveryMs !== undefined && { watchWay: { everyMs: config.watchEveryMs } }),
    own: ownPaths,
  });
  const library = tracedLibrary(created);
  const traced = tracedJournal(stores.journal);
  const journal = tellingJournal(metrics?.counting(traced) ?? traced, tell);
  const workflows = createWorkflows({
    journal,
    verdicts: stores.verdicts,
    folders: config.workflowFolders,
    ...(config.sampleWorkflows && {
      samples: {
        folder: samples.workflows,
        areOffered: createSampleCheck(connections),
      },
    }),
    functions: workflowFunctions(() => services),
    log,
  });
  const servers = [...connections.servers, ...stores.servers, ...foreign.map(({ status }) => status)];
  const probes = createProbes({
    settingsFiles: origins,
    dataDirectory,
    place: placeFault(dataDirectory, config.dataDir !== undefined, thisMachine()),
    status: storeFile,
    connections,
    servers,
    library,
    workflows,
  });
  const openSigner = async (): Promise<Signer> => createSigner(await stores.keys.current());
  const audit = createAudit(config, stores.audit, log);
  const services: Services = {
    config,
    middleware: [
      ...(tracing ? [tracing.middleware] : []),
      ...(metrics ? [metrics.middleware] : []),
      // Before the record: a flood over the limit writes none.
      limits.middleware,
      ...(audit.middleware ? [audit.middleware] : []),
    ],
    ownPaths,
    connections,
    cache,
    exports: withShares(stores.exports, {
      of: limits.exportBytes,
      hit: () => metrics?.limitHit('exportBytes'),
    }),
    library,
    workflows,
    health: createHealth(version, dataDirectory, audit.probe ? [...probes, audit.probe] : probes),
    signer: openSigner,
    confirmations: createConfirmations({
      signer: openSigner,
      spent: spentOnce(stores.spent),
      waitMs: config.confirmTimeoutMs,
    }),
  };
  const erasing = {
    ...{ journal, cache, audit: stores.audit, exports: stores.exports, apiKeys: stores.apiKeys },
    ...(storesOf(config).journal === 'embedded' && {
      scrub: (compact: boolean, call: Call) => storeFile.scrub(compact, call),
    }),
  };
  const retention = createRetention({
    ...erasing,
    keep: { runsMs: config.keepRunsMs, auditTextMs: config.keepAuditTextMs },
    log,
  });
  const offers = createOfferNews();
  const accessOf = (wanted: Config): Access => createAccess(wanted, stores.apiKeys, log);
  const access = renewableAccess(accessOf(config));
  return {
    ...services,
    access,
    authenticate: access.authenticate,
    apiKeys: stores.apiKeys,
    events: stores.events,
    ...(stores.channel && { channel: stores.channel }),
    ...(stores.mailbox && { mailbox: stores.mailbox }),
    limits,
    ...(metrics && { metrics }),
    sent(...sent) {
      limits.sent(...sent);
      metrics?.sent(...sent);
    },
    log,
    audit,
    calls: createCalls(),
    dataDirectory,
    erasure: async () => (await import('./erasure/erase.ts')).createErasure(erasing),
    changeMark: () => storeFile.changeMark(),
    onOffersChanged: offers.follow,
    reread: createReread(config, {
      ...{ log, ownFiles, access, accessOf },
      check: checkRoles,
      offersChanged: offers.changed,
      async reconnect(wanted) {
        stores.reconnect(wanted);
        await opened.reconnect(wanted);
      },
    }),
    start() {
      const begin = (part: string, begun: Promise<unknown> | undefined): void => {
        begun?.catch((err: unknown) => log.warn({ err, part }, 'a part failed to start'));
      };
      begin('what forgets changes', forgetChanged(events, cache, log));
      workflows.recover();
      begin(
        'wake-ups',
        stores.wakeUps?.onWake(() => workflows.takeUp()),
      );
      library.resume({ watch: config.watch });
      // Known before the server that has them is away.
      if (stores.mailbox) begin('keys', stores.keys.current());
      begin('exports', services.exports.removeExpired());
      retention.start();
    },
    async close(ms = closeMs) {
      const until = Date.now() + ms * shareOfParts;
      const inTime = async (part: string, closing: Promise<void>, end: number): Promise<void> => {
        const closed = closing.catch((err: unknown) => log.warn({ err, part }, 'a part failed to close'));
        if (!(await settledWithin(end - Date.now(), closed))) log.warn({ part }, 'a part is slow to close');
      };
      // These still write to the store, so it closes last.
      await Promise.all([
        inTime('workflows', workflows.close(), until),
        inTime('retention', retention.close(), until),
        inTime(
          'library',
          library.close().then(() => embedders.close()),
          until,
        ),
        inTime('connections', connections.close(), until),
      ]);
      await inTime('audit', audit.close(), until);
      await inTime('metrics', metrics?.close() ?? Promise.resolve(), until);
      await Promise.all([
        inTime('store', storeFile.close(), until + ms * (1 - shareOfParts)),
        inTime('servers', stores.close(), until + ms * (1 - shareOfParts)),
        inTime('traces', tracing?.close() ?? Promise.resolve(), until + ms * (1 - shareOfParts)),
      ]);
    },
  };
}
