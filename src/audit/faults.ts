/** What is wrong with a chain. */
type FaultKind =
  | 'altered'
  | 'altered text'
  | 'loose text'
  | 'removed'
  | 'reordered'
  | 'unreadable'
  | 'other key'
  | 'earlier key'
  | 'unsigned beginning'
  | 'cut'
  | 'other head';

export interface AuditFault {
  readonly kind: FaultKind;
  /** The first and the last record that it is about. */
  readonly from: number;
  readonly to: number;
  /** For the reader. */
  readonly text: string;
}

/** Faults that are told; more are only counted. */
const maxFaults = 50;

const numbers = (from: number, to: number): string =>
  from === to ? `record ${from}` : `records ${from} to ${to}`;

function words(kind: FaultKind, from: number, to: number, detail: string): string {
  const which = numbers(from, to);
  const [was, is] = from === to ? ['was', 'is'] : ['were', 'are'];
  switch (kind) {
    case 'altered':
      return from === to
        ? `${which} was altered`
        : `${which} were altered, or coded with another key under the id of this one`;
    case 'altered text':
      return `the text of the arguments of ${which} was altered`;
    case 'loose text':
      return `a text of arguments lies beside ${which}, where there is no record: it was put there`;
    case 'removed':
      return `${which} ${is} missing: removed after record ${from - 1}`;
    case 'reordered':
      return `${which} ${was} moved: ${detail}`;
    case 'unreadable':
      return `${which} ${is} no record any more`;
    case 'other key':
      return `${which} ${is} coded with key "${detail}", which is not among those of auditKey: it was replaced, or auditKey is wrong`;
    case 'earlier key':
      return `${which} ${is} coded with key "${detail}" after a newer one was in use`;
    case 'unsigned beginning':
      return `the chain begins behind record ${to}, and none of the keys has signed that: the records up to there were removed`;
    case 'cut':
      return `the tail was cut after record ${from - 1}: it went on to record ${to} at least`;
    case 'other head':
      return `record ${from} is not the one that the head names: the chain was made anew from there or before`;
  }
}

/** Gathers faults; those of one kind that follow each other are one. */
export interface FaultList {
  add(kind: FaultKind, seq: number, detail?: string, to?: number): void;
  readonly all: readonly AuditFault[];
  /** Those that are not listed. */
  readonly more: number;
}

export function createFaultList(): FaultList {
  const found: { kind: FaultKind; from: number; to: number; detail: string }[] = [];
  let more = 0;
  return {
    add(kind, seq, detail = '', to = seq) {
      const last = found.at(-1);
      const isNext = last?.kind === kind && last.to + 1 === seq && kind !== 'reordered';
      if (last && isNext && last.detail === detail) last.to = to;
      else if (found.length < maxFaults) found.push({ kind, from: seq, to, detail });
      else more++;
    },
    get all() {
      return found.map(({ kind, from, to, detail }) => ({
        ...{ kind, from, to },
        text: words(kind, from, to, detail),
      }));
    },
    get more() {
      return more;
    },
  };
}
