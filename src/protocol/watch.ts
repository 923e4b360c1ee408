import { createHash } from 'node:crypto';
import { type Call, owner, systemCall } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { resourceTemplates } from '../resources/resources.ts';
import type { Subscription } from '../stores/events/events.ts';
import { findResource } from './find-resource.ts';
import type { ServerApp } from './serving.ts';

/** Who is told of changes. What is told says nothing of the change itself: the client reads again. */
interface Follower {
  listChanged(): void;
  /** Other tools, prompts and resources may be offered than before. */
  offersChanged?(): void;
  /** Called for every resource that anybody watches: a follower tells its client only of what it asked for. */
  updated(uri: string): void;
}

export interface WatchedResources {
  /** Resolves once every later change of the list is noticed. */
  readonly begun: Promise<void>;
  /** Watches a resource. Resolves once every later change is noticed. */
  add(uri: string): Promise<void>;
  remove(uri: string): void;
  end(): void;
}

/**
 * Notices changes of resources, whichever process on the data directory makes them, or node that shares the events. Nothing
 * is looked at while nobody follows, and little while nothing is written: the store's mark is compared every second, and
 * only where it differs, or an event has told of a change, what the list and the watched resources say.
 */
export interface ResourceWatch {
  follow(follower: Follower): WatchedResources;
  close(): void;
}

const everyMs = 1_000;
/** How often is looked at what the store's mark does not show, and no event tells: servers, and health. */
const elsewhereEveryMs = 30_000;
/** Looking takes at most a tenth of the time. */
const restFactor = 10;
/** Time limit of one look, ms. */
const lookMs = 20_000;
/** Entries of each kind in which a change of the list is noticed. */
const maxListed = 1_000;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

async function digestOfList(app: ServerApp, call: Call): Promise<string> {
  const lists = resourceTemplates.map(async (resource) =>
    (await resource.list(app, call, maxListed)).entries.map(({ uri }) => uri),
  );
  return digestOf(JSON.stringify(await Promise.all(lists)));
}

/** What a resource says now; undefined where that cannot be known. */
async function digestOfResource(uri: string, app: ServerApp, call: Call): Promise<string | undefined> {
  const found = findResource(uri, app);
  if (!found) return 'none';
  try {
    return digestOf(JSON.stringify(await found.state(call)));
  } catch (err) {
    if (err instanceof HydrogenError && err.code === 'not_found') return 'none';
    call.log.debug({ err, uri }, 'a watched resource could not be read');
    return undefined;
  }
}

export function createResourceWatch(app: ServerApp): ResourceWatch {
  const { log } = app;
  const followers = new Map<Follower, Set<string>>();
  /** What the watched resources said when they were last looked at. */
  const known = new Map<string, string | undefined>();
  const closing = new AbortController();
  let list: string | undefined;
  let mark: Promise<string> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let [restUntil, elsewhereAt] = [0, 0];
  let subscription: Promise<Subscription> | undefined;
  /** An event has told of a change that was not looked at yet. */
  let isTold = false;
  let soon: NodeJS.Timeout | undefined;

  const look = (): Call => systemCall(log, { caller: owner, signal: closing.signal, limitMs: lookMs });
  const isWatched = (uri: string): boolean => [...followers.values()].some((uris) => uris.has(uri));
  const tell = (how: (follower: Follower) => void): void => {
    for (const follower of followers.keys()) how(follower);
  };

  /** @returns whether it could be looked at */
  async function lookAtList(isChanged: boolean, markBefore: string): Promise<boolean> {
    const before = list;
    try {
      list = await digestOfList(app, look());
    } catch (err) {
      log.debug({ err }, 'the resources could not be listed');
      return false;
    }
    // What was there before the first look is not known: it may be a change, as may what came during the look.
    const isOther =
      before === undefined ? isChanged || isTold || (await app.changeMark()) !== markBefore : before !== list;
    if (isOther) tell((follower) => follower.listChanged());
    return true;
  }

  /** @returns whether all could be looked at */
  async function lookAtResources(): Promise<boolean> {
    let isComplete = true;
    for (const uri of [...known.keys()]) {
      const now = await digestOfResource(uri, app, look());
      if (!isWatched(uri)) known.delete(uri);
      else if (now !== undefined) {
        const before = known.get(uri);
        known.set(uri, now);
        if (before !== undefined && before !== now) tell((follower) => follower.updated(uri));
      } else isComplete = false;
    }
    return isComplete;
  }

  /** Whether there is anything that changes without the store. */
  const hasElsewhere = (): boolean =>
    app.connections.all.length > 1 || [...known.keys()].some((uri) => uri.startsWith('health:'));

  async function compare(): Promise<void> {
    const begun = Date.now();
    if (begun < restUntil) return;
    const before = await mark;
    const now = await app.changeMark();
    const isChanged = before !== now || isTold;
    const isDue = list === undefined || (begun >= elsewhereAt && hasElsewhere());
    if (!isChanged && !isDue) return;
    elsewhereAt = begun + elsewhereEveryMs;
    isTold = false;
    const looked = [await lookAtList(isChanged, now), await lookAtResources()];
    // Otherwise it is looked again.
    if (looked.includes(false)) isTold ||= isChanged;
    else mark = Promise.resolve(now);
    restUntil = Date.now() + restFactor * (Date.now() - begun);
  }

  async function tick(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      await compare();
    } catch (err) {
      log.warn({ err }, 'changes could not be looked for');
    } finally {
      isLooking = false;
    }
  }

  /** Looks once there has been enough rest. An event that comes during a look waits for the next tick at most. */
  function lookSoon(): void {
    // Unsubscribing takes a moment.
    if (timer === undefined) return;
    isTold = true;
    soon ??= setTimeout(
      () => {
        soon = undefined;
        void tick();
      },
      Math.max(0, restUntil - Date.now()),
    ).unref();
  }

  function begin(): void {
    mark = app.changeMark();
    mark.catch(() => {});
    subscription = app.events.subscribe(lookSoon);
    subscription.catch((err: unknown) => log.warn({ err }, 'changes are told late'));
    timer ??= setInterval(() => void tick(), everyMs).unref();
  }

  function stop(): void {
    clearInterval(timer);
    clearTimeout(soon);
    subscription?.then((one) => one.unsubscribe()).catch(() => {});
    [timer, soon, subscription, list, mark] = [undefined, undefined, undefined, undefined, undefined];
    isTold = false;
    known.clear();
  }

  const stopHearing = app.onOffersChanged(() => tell((follower) => follower.offersChanged?.()));

  return {
    follow(follower) {
      const uris = new Set<string>();
      followers.set(follower, uris);
      if (timer === undefined && !closing.signal.aborted) begin();
      const begun = Promise.resolve(mark).then(
        () => {},
        () => {},
      );
      return {
        begun,
        async add(uri) {
          uris.add(uri);
          if (!known.has(uri)) known.set(uri, await digestOfResource(uri, app, look()));
        },
        remove(uri) {
          uris.delete(uri);
          if (!isWatched(uri)) known.delete(uri);
        },
        end() {
          followers.delete(follower);
          for (const uri of uris) if (!isWatched(uri)) known.delete(uri);
          if (followers.size === 0) stop();
        },
      };
    },
    close() {
      closing.abort();
      stopHearing();
      stop();
    },
  };
}
