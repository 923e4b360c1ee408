import { hasExited, ownerName } from '../../process-identity.ts';

// The format of a document whose passages are in another store says so, and whether they are being written there.

/** What is being done with the passages of documents, told from all else that is. */
type Mark = string;

/** A mark of another process is not taken for abandoned before, ms: no write of a few hundred documents takes so long. */
const abandonedAfterMs = 600_000;

const markPattern = /^(?:(.*), )?(writing|removing) (\d+) (\d+) (\S+ \d+ \S+ \S+)$/s;

/** What a recorded format means. */
interface Recorded {
  /** As whoever reads documents knows it; another one where the passages are not those of the document. */
  readonly format: string;
  /** Set while the passages are being written or removed. */
  readonly mark?: {
    readonly kind: 'writing' | 'removing';
    /** The format there will be when all goes well. */
    readonly format: string;
    /** Nobody is at it any more. */
    readonly isAbandoned: boolean;
  };
}

export interface PassageMarks {
  /** The format of a document whose passages are in place. */
  settled(format: string): string;
  /** Gives the work a mark that is nobody else's; while the work lasts, it is not abandoned. */
  during<T>(work: (mark: Mark) => Promise<T>): Promise<T>;
  writing(format: string, mark: Mark): string;
  removing(mark: Mark): string;
  /** Of a document that has to be read again, whoever wrote it. */
  readonly lost: string;
  read(recorded: string): Recorded;
}

/** @param place names where the passages are, for all processes that share the catalog */
export function createPassageMarks(place: string): PassageMarks {
  const suffix = ` in ${place}`;
  const owner = ownerName();
  const underWay = new Set<Mark>();
  let last = 0;

  const isAbandoned = (since: string, count: string, by: string): boolean =>
    by === owner
      ? !underWay.has(`${since} ${count} ${by}`)
      : hasExited(by) || Date.now() - Number(since) > abandonedAfterMs;

  return {
    settled: (format) => format + suffix,
    async during(work) {
      const mark = `${Date.now()} ${++last} ${owner}`;
      underWay.add(mark);
      try {
        return await work(mark);
      } finally {
        underWay.delete(mark);
      }
    },
    writing: (format, mark) => `${format}, writing ${mark}${suffix}`,
    removing: (mark) => `removing ${mark}${suffix}`,
    lost: `writing 0 0 ${owner}${suffix}`,
    read(recorded) {
      if (!recorded.endsWith(suffix)) return { format: `${recorded}, not${suffix}` };
      const format = recorded.slice(0, -suffix.length);
      const [, wanted = '', kind, since = '', count = '', by = ''] = markPattern.exec(format) ?? [];
      if (kind === undefined) return { format };
      return {
        format: `${recorded}, interrupted`,
        mark: {
          kind: kind === 'writing' ? 'writing' : 'removing',
          format: wanted,
          isAbandoned: isAbandoned(since, count, by),
        },
      };
    },
  };
}
