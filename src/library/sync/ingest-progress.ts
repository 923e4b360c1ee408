import type { Progress } from '../../call.ts';

/** Hears how far an ingest is, and shows one estimate of all its work, which never falls back. */
export interface IngestProgress {
  /** The files that are read, with all their bytes. */
  begin(files: number, bytes: number): void;
  /** A file that is being read. */
  reading(name: string): void;
  /** The file has been read, or left as it was. */
  read(bytes: number, passages: number): void;
  /** Passages that have their vectors, of those that need one. */
  embedded(done: number, total: number): void;
  /** Something before the vectors, such as the download of the model. */
  waiting(message: string): void;
  /** All is done, also where less was to do than was thought. */
  end(): void;
}

/** Time for the vector of a passage before any was made, ms: as the packaged model takes on two cores. */
const assumedPassageMs = 10;
/** Nothing is said of the time that is left before so much has gone by, ms: rates of a moment mislead. */
const minElapsed = 3_000;
/** Less time than this is not worth a word, ms. */
const minLeft = 5_000;
/** From so many passages on a file is named that most of them are of. */
const minBulk = 1_000;
const whole = 100;

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 55_000) return `${Math.max(5, Math.round(ms / 5_000) * 5)} s`;
  return minutes < 90 ? `${Math.max(1, minutes)} min` : `${Math.round(minutes / 60)} h`;
}

const shown = (count: number): string => count.toLocaleString('en');

/**
 * @param waiting passages that already wait for a vector; undefined where none are made
 * @param now ms of a clock that does not jump
 */
export function createIngestProgress(
  show: (progress: Progress) => void,
  waiting: number | undefined,
  now: () => number = () => performance.now(),
): IngestProgress {
  const begun = now();
  const embeds = waiting !== undefined;
  let [files, allBytes, filesRead, bytesRead, passages] = [0, 0, 0, 0, 0];
  let name = '';
  let largest = { name: '', passages: 0 };
  /** When the vectors were begun. */
  let embedding: number | undefined;
  let share = 0;

  /** Time for the vectors of so many passages and of those from before. */
  const leftForVectors = (found: number): number => (embeds ? (found + waiting) * assumedPassageMs : 0);

  /** Time that the rest of the files takes, and the vectors of what will have been found in all of them. */
  function leftToRead(elapsed: number): number | undefined {
    if (allBytes === 0) return leftForVectors(0);
    if (bytesRead === 0) return undefined;
    const rest = allBytes / bytesRead;
    return elapsed * (rest - 1) + leftForVectors(passages * rest);
  }

  const leftToEmbed = (done: number, total: number, since: number): number =>
    (total - done) * (done > 0 ? (now() - since) / done : assumedPassageMs);

  /** @param left time, ms; undefined where nothing tells it yet */
  function tell(left: number | undefined, isMeasured: boolean, message: string): void {
    const elapsed = now() - begun;
    if (left !== undefined && elapsed + left > 0)
      share = Math.max(share, Math.min(0.999, elapsed / (elapsed + left)));
    const isTold = isMeasured && left !== undefined && elapsed >= minElapsed && left >= minLeft;
    show({
      ...{ done: Math.floor(share * whole * 10) / 10, total: whole, unit: '%' },
      message: isTold ? `${message}, about ${duration(left)} left` : message,
    });
  }

  function tellReading(): void {
    const text = `file ${Math.min(filesRead + 1, files)} of ${files}${name === '' ? '' : `: ${name}`}`;
    tell(leftToRead(now() - begun), !embeds, text);
  }

  function bulk(): string {
    if (passages < minBulk || largest.passages * 2 < passages) return '';
    return `; ${shown(largest.passages)} are of ${largest.name}`;
  }

  return {
    begin(count, bytes) {
      [files, allBytes] = [count, bytes];
    },
    reading(file) {
      name = file;
      tellReading();
    },
    read(bytes, count) {
      filesRead++;
      bytesRead += bytes;
      passages += count;
      if (count > largest.passages) largest = { name, passages: count };
      // The last one is followed by what comes after the files.
      if (filesRead < files) return;
      const left = leftForVectors(passages);
      if (left === 0) share = 1;
      tell(left, false, `${shown(files)} ${files === 1 ? 'file' : 'files'}`);
    },
    embedded(done, total) {
      embedding ??= now();
      const isAll = done >= total;
      if (isAll) share = 1;
      const text = `embedding, ${done} of ${total} passages${bulk()}${isAll ? '' : ' (search by words works already)'}`;
      tell(isAll ? undefined : leftToEmbed(done, total, embedding), done > 0, text);
    },
    waiting: (message) => tell(undefined, false, message),
    end() {
      if (share === 1) return;
      share = 1;
      tell(undefined, false, 'done');
    },
  };
}
