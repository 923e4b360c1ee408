import type { Schemas } from '@qdrant/js-client-rest';
import type { Call } from '../../call.ts';
import { throwIfCallEnded } from '../../call-end.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { type Document, fromExtendedJson } from '../../mql/index.ts';
import { factsFilter } from '../index/facts.ts';
import type {
  ForeignHit,
  ForeignPassages,
  ForeignPoint,
  ForeignSpace,
  NearestFound,
  NearestRequest,
} from '../index/foreign-passages.ts';
import { narrowing } from './foreign-filter.ts';
import {
  type ForeignMapping,
  factsOfPoint,
  fieldsRead,
  type Payload,
  pointIn,
  pointOf,
  pointWithin,
} from './foreign-points.ts';
import { type Filter, type PointCondition, type PointId, rounded } from './points.ts';
import { connect, type Server } from './server.ts';

export interface ForeignSettings extends ForeignMapping {
  readonly url: string;
  readonly apiKey?: string;
  /** The collection on the server. */
  readonly collection: string;
  /** The dense vector; the one without a name by default. */
  readonly vector?: string;
  readonly timeoutMs: number;
}

/** The oldest server with the requests that read a collection of others. */
const minVersion = [1, 10] as const;
/** The nearest that are looked at for what the server cannot decide. */
const maxLookedAt = 1_000;
const minAsked = 20;

type Vectors = Schemas['VectorsConfig'];
type VectorParams = Schemas['VectorParams'];

const isUnnamed = (vectors: Vectors): vectors is VectorParams => typeof vectors['size'] === 'number';

function vectorOf(vectors: Vectors | null | undefined, vector: string | undefined): VectorParams | undefined {
  if (!vectors) return undefined;
  if (isUnnamed(vectors)) return vector === undefined ? vectors : undefined;
  return vectors[vector ?? ''];
}

/** Why there is no such vector, and which there are. */
function withoutVector(vectors: Vectors | null | undefined, { name, collection, vector }: ForeignSettings) {
  const where = `The Qdrant collection "${collection}" of "${name}" (setting qdrantCollections)`;
  const lacks = vector === undefined ? 'has no vector without a name' : `has no vector "${vector}"`;
  const names = !vectors || isUnnamed(vectors) ? [] : Object.keys(vectors).filter((one) => one !== '');
  const advice =
    names.length > 0
      ? `set "vector" to ${names.map((one) => `"${one}"`).join(' or ')}`
      : vectors && isUnnamed(vectors)
        ? 'its only one has no name: leave "vector" out'
        : 'it has no dense vectors, and only those can be searched';
  return new HydrogenError('not_supported', `${where} ${lacks}: ${advice}.`);
}

/** Points of a collection that others fill, by a mapping. Nothing is ever written. */
export function createForeignPassages(settings: ForeignSettings): ForeignPassages {
  const { name, collection, vector, url, apiKey, timeoutMs } = settings;
  const setting = `qdrantCollections "${name}"`;
  const server: Server = connect(
    { url, ...(apiKey !== undefined && { apiKey }), collection, setting, timeoutMs },
    { minVersion, keySetting: `apiKeyFile of "${name}" in qdrantCollections`, rights: 'to read' },
  );
  const payload = fieldsRead(settings);
  const using = vector === undefined ? {} : { using: vector };

  async function space(call: Call): Promise<ForeignSpace> {
    const info = await server
      .read(call, (client) => client.getCollection(collection))
      .catch((error) => {
        if (!(error instanceof HydrogenError) || error.code !== 'not_found') throw error;
        const sentence = `The Qdrant server of "${name}" has no collection "${collection}". Check "collection" in the setting qdrantCollections.`;
        throw new HydrogenError('not_found', sentence, { cause: error });
      });
    const { vectors } = info.config.params;
    const found = vectorOf(vectors, vector);
    if (!found) throw withoutVector(vectors, settings);
    if (found.multivector_config) {
      const sentence = `The vector "${vector ?? ''}" of "${name}" (setting qdrantCollections) has many vectors a point, which cannot be searched. Set "vector" to another one.`;
      throw new HydrogenError('not_supported', sentence);
    }
    return { dimensions: found.size, isCosine: found.distance === 'Cosine' };
  }

  async function ask(
    query: readonly number[],
    limit: number,
    filter: Filter,
    call: Call,
  ): Promise<readonly { readonly point: ForeignPoint; readonly score: number }[]> {
    const { points } = await server.read(call, (client) =>
      client.query(collection, { query: [...query], ...using, limit, filter, with_payload: payload }),
    );
    return points.map(({ id, score, payload: given }) => ({ point: pointOf(id, given, settings), score }));
  }

  /** Whether a point is selected, and what the server can be told of that. */
  function selected({ within = '', filter }: NearestRequest): {
    readonly matches: (point: ForeignPoint) => boolean;
    readonly must: PointCondition[];
  } {
    const isInside = ({ document }: ForeignPoint): boolean => document.startsWith(within);
    const id = pointWithin(within, settings);
    const inside: PointCondition[] = id === undefined ? [] : [{ has_id: [id] }];
    if (filter === undefined) return { matches: isInside, must: inside };
    // Also says what is wrong with it.
    const isMatch = factsFilter(filter);
    const narrowed = narrowing(fromExtendedJson(JSON.parse(filter)) as Document, settings);
    return {
      matches: (point) => isInside(point) && isMatch(factsOfPoint(point, settings)),
      must: [...inside, ...(narrowed ? [narrowed] : [])],
    };
  }

  async function nearest(request: NearestRequest, call: Call): Promise<NearestFound> {
    const { limit, minScore = Number.NEGATIVE_INFINITY } = request;
    const query = [...request.vector].map(rounded);
    const { matches, must } = selected(request);
    for (let asked = Math.max(minAsked, 2 * limit); ; asked = Math.min(5 * asked, maxLookedAt)) {
      throwIfCallEnded(call);
      const found = await ask(query, asked, { must }, call);
      const near = found.filter(({ score }) => score >= minScore);
      const fitting = near.filter(({ point }) => matches(point));
      const hits = fitting.filter(({ point }) => point.text !== '');
      const isAll = found.length < asked || near.length < found.length || hits.length >= limit;
      if (!isAll && asked < maxLookedAt) continue;
      return {
        hits: hits.slice(0, limit).map(({ point, score }) => ({ ...point, score })),
        withoutText: fitting.length - hits.length,
        ...(!isAll && { lookedAt: found.length }),
      };
    }
  }

  async function retrieve(
    id: string,
    call: Call,
    withVector: boolean,
  ): Promise<{ readonly point: PointId; readonly payload: Payload; readonly vector: unknown } | undefined> {
    const point = pointIn(id, settings);
    if (point === undefined) return undefined;
    const [found] = await server.read(call, (client) =>
      client.retrieve(collection, {
        ids: [point],
        with_payload: payload,
        with_vector: withVector && (vector === undefined ? true : [vector]),
      }),
    );
    return found && { point: found.id, payload: found.payload, vector: found.vector };
  }

  async function count(call: Call): Promise<number> {
    const found = await server.read(call, (client) => client.count(collection, { exact: true }));
    return found.count;
  }

  return {
    name,
    isDown: () => server.state().state === 'down',
    space,
    nearest,
    count,
    async similar(id, limit, call) {
      const found = await retrieve(id, call, true);
      if (!found) return undefined;
      const own = found.vector as readonly number[] | Readonly<Record<string, readonly number[]>> | undefined;
      const values = isNumbers(own) ? own : own?.[vector ?? ''];
      if (!values) return [];
      const others = await ask(values, limit, { must_not: [{ has_id: [found.point] }] }, call);
      return others.map(({ point, score }): ForeignHit => ({ ...point, score }));
    },
    async read(id, call) {
      const found = await retrieve(id, call, false);
      return found && pointOf(found.point, found.payload, settings);
    },
    async list({ after, limit }, call) {
      const offset = after === undefined ? undefined : pointIn(after, settings);
      // Without an offset, the list would begin anew.
      if (after !== undefined && offset === undefined) {
        throw badInput(
          `The list of "${name}" cannot go on after "${after}", which ends with no point. List it from its beginning.`,
        );
      }
      const [{ points }, total] = await Promise.all([
        server.read(call, (client) =>
          client.scroll(collection, {
            // The one after which it goes on may still be there, and is then the first.
            limit: limit + 2,
            with_payload: payload,
            with_vector: false,
            ...(offset !== undefined && { offset }),
          }),
        ),
        count(call),
      ]);
      const rest = points.filter(({ id }) => id !== offset);
      return {
        points: rest.slice(0, limit).map(({ id, payload: given }) => pointOf(id, given, settings)),
        total,
        more: rest.length > limit,
      };
    },
    async ping(call) {
      const began = performance.now();
      await space(call);
      return performance.now() - began;
    },
  };
}

const isNumbers = (value: unknown): value is readonly number[] => Array.isArray(value);
