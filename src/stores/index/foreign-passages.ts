import type { Call } from '../../call.ts';

/** A point of a collection that others fill: a document of one passage. */
export interface ForeignPoint {
  /** `<name>/<point>`, or `<name>/<document>#<point>` where the mapping names what the point is a part of. */
  readonly document: string;
  readonly title: string;
  readonly text: string;
  /** What filters may ask, as it was written. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface ForeignHit extends ForeignPoint {
  /** By the distance of the collection, so that no two collections can be compared. */
  readonly score: number;
}

/** The vectors that are compared. */
export interface ForeignSpace {
  readonly dimensions: number;
  /** Whether scores are cosines: otherwise they have no scale. */
  readonly isCosine: boolean;
}

export interface NearestRequest {
  readonly vector: Float32Array;
  readonly limit: number;
  /** Only ids that start with this. */
  readonly within?: string;
  /** A MongoDB filter, as Extended JSON text, over `document`, `source`, `path`, `title`, `type` and the metadata. */
  readonly filter?: string;
  readonly minScore?: number;
}

export interface NearestFound {
  /** Nearest first. None that matches is nearer than these. */
  readonly hits: readonly ForeignHit[];
  /** Points near the question that have no text where the mapping says. */
  readonly withoutText: number;
  /** How many of the nearest were looked at, where more that match may be behind them. */
  readonly lookedAt?: number;
}

/** A collection on a server that others fill, which is read and never written to. */
export interface ForeignPassages {
  /** First part of the documents' ids. */
  readonly name: string;
  /** Whether its server failed when it was last asked: then nobody waits long for it. */
  isDown(): boolean;
  /** @throws HydrogenError `not_found` without the collection, `not_supported` without such a vector, `unavailable` */
  space(call: Call): Promise<ForeignSpace>;
  /** @throws HydrogenError `bad_input` or `not_supported` for the filter, `unavailable` */
  nearest(request: NearestRequest, call: Call): Promise<NearestFound>;
  /** The nearest to a point, which is not among them; undefined when there is no such point. */
  similar(id: string, limit: number, call: Call): Promise<readonly ForeignHit[] | undefined>;
  /** Undefined when there is no such point. Its text is empty where it has none. */
  read(id: string, call: Call): Promise<ForeignPoint | undefined>;
  /** In the order of the server, after the point with the id `after`; `total` counts the collection. */
  list(
    request: { readonly after?: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly points: readonly ForeignPoint[]; readonly total: number; readonly more: boolean }>;
  count(call: Call): Promise<number>;
  /** A round trip, in ms, which also finds the collection and its vector. */
  ping(call: Call): Promise<number>;
}
