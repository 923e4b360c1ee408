import type { SpentArchive, SpentConfirmations } from '../policy/confirmation.ts';
import type { KeyArchive } from '../policy/signing.ts';
import type { ApiKeys } from '../stores/api-keys/api-keys.ts';
import type { BackfillLease, Catalog, LibraryArchive, Positions } from '../stores/index/types.ts';
import type { JournalArchive } from '../stores/journal/archive.ts';
import type { Journal } from '../stores/journal/types.ts';

/** A store that a library is taken from or put into. */
export interface LibrarySide {
  readonly catalog: Catalog;
  readonly archive: LibraryArchive;
  readonly positions: Positions;
  readonly lease: BackfillLease;
}

/** A store of runs, and of what nodes agree on. */
export interface RunsSide {
  readonly journal: Journal;
  readonly archive: JournalArchive;
  readonly keys: KeyArchive;
  readonly apiKeys: ApiKeys;
  readonly spent: SpentConfirmations & SpentArchive;
}

/** Where something is taken from, and where it goes. */
export interface Way<Side> {
  readonly from: Side;
  readonly to: Side;
  /** How sentences call both, such as "the embedded store". */
  readonly names: { readonly from: string; readonly to: string };
}

export interface PlanOptions {
  /** What else the target holds stays; what both hold becomes as it is at the source. */
  readonly merge: boolean;
}

export interface MoveOptions {
  /** Tells that one more has been copied or compared. */
  readonly step: (what: string, more: number) => void;
}

/** One line of the report: what both sides now have. */
interface Compared {
  readonly what: string;
  readonly from: { readonly count: number; readonly digest?: string };
  readonly to: { readonly count: number; readonly digest?: string };
}

/** What differs in the end, by name; the first few. */
export interface Checked {
  readonly compared: readonly Compared[];
  readonly differences: readonly string[];
}
