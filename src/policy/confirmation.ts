import { createHash, randomUUID } from 'node:crypto';
import type { Call, Reply } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { isDrifted } from './drift.ts';
import type { Signer } from './signing.ts';

/** How often one call may ask when the data keeps changing. */
const maxQuestions = 3;

/** What a change would do now. */
interface ProposalPreview {
  /** False when no existing data would change. */
  readonly needsConfirmation: boolean;
  /** For the person: what would change, and how. */
  readonly message: string;
  /** Digest of the affected data. */
  readonly state: string;
}

interface Proposal<Result> {
  /** Everything that defines the change: the tool, its target and its arguments. JSON. */
  readonly request: readonly unknown[];
  preview(call: Call): Promise<ProposalPreview>;
  /** Makes the change. @throws HydrogenError as `drifted` when the data no longer matches `state`. */
  apply(state: string, call: Call): Promise<Result>;
}

export interface Confirmations {
  /**
   * Makes a change once the person behind the caller, or a second call with the token, has confirmed it. A confirmation is bound to the caller, the
   * request and the state that was shown; it expires and can be used once, across all processes. If the state has
   * changed in the meantime, the person is asked again. Their time does not count against the call's deadline.
   * @throws HydrogenError `not_allowed` without a confirmation, `conflict` when the state keeps changing; either way
   * nothing has been changed. QuestionPending when the reply comes with another call.
   */
  confirmed<Result>(proposal: Proposal<Result>, call: Call): Promise<Result>;
}

/** Confirmations already used, shared by all processes on the store. */
export interface SpentConfirmations {
  /**
   * Durably records a confirmation as used; false when it already was. Of concurrent calls exactly one returns true.
   * @param expires ms since the epoch; the record may be dropped a day later
   */
  use(nonce: string, expires: number, call: Call): Promise<boolean>;
}

/** What takes used confirmations out of a store; `use` puts them into another. */
export interface SpentArchive {
  /** Those that somebody could still try to use again. */
  unexpired(call: Call): Promise<readonly { readonly nonce: string; readonly expires: number }[]>;
}

export interface ConfirmationParts {
  signer(): Promise<Signer>;
  readonly spent: SpentConfirmations;
  /** How long a person may take, ms. */
  readonly waitMs: number;
}

/** What a confirmation covers. */
interface Terms {
  readonly nonce: string;
  readonly caller: string;
  /** Digest of the request. */
  readonly request: string;
  /** A keyed digest: the token is shown, and the plain one would let fields be guessed that its reader may not see. */
  readonly state: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  /** Questions asked so far, including this one. */
  readonly count: number;
}

const nothing = 'Nothing was changed:';
const changedSinceAsked = 'The data has changed since this was asked.';

function refused(reason: string): HydrogenError {
  return new HydrogenError('not_allowed', `${nothing} ${reason}`);
}

const unanswered: Readonly<Record<Exclude<Reply['answer'], 'yes'>, string>> = {
  no: 'the person said no. Do not repeat the call unless they ask for it.',
  cancel: 'the person closed the question without an answer. Ask them before you repeat the call.',
  silence: 'the person did not answer in time. Ask them before you repeat the call.',
  malformed: `the client's answer was neither a yes nor a no. Its form has one field, "confirm": true or false.`,
};

/** JSON writes numbers out of its range as null, and -0 as 0: their digests must differ. */
const exactNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? { number: Object.is(value, -0) ? '-0' : String(value) }
    : value;

function digest(request: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(request, exactNumbers)).digest('base64url');
}

/** The result; undefined when the data had changed since the preview. */
async function unlessDrifted<Result>(
  apply: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  try {
    return { result: await apply() };
  } catch (error) {
    if (!isDrifted(error)) throw error;
    return undefined;
  }
}

/** @throws HydrogenError when nobody can be asked, or has been asked too often */
function requireAsking(asking: Call['asking'], count: number): NonNullable<Call['asking']> {
  if (!asking) {
    throw refused(
      'this needs a person to confirm it, and the client cannot ask (form elicitation). Use a client that can, or set confirmBy (HYDROGEN_CONFIRM_BY) to "either", or confirmWrites to "never".',
    );
  }
  if (count < maxQuestions) return asking;
  throw new HydrogenError(
    'conflict',
    `${nothing} the data was changed by others after each of ${maxQuestions} questions. Try again later, or narrow the filter.`,
  );
}

export function createConfirmations({ signer, spent, waitMs }: ConfirmationParts): Confirmations {
  /** The terms of a reply, once it is verified as a yes to this request, in time and unused. */
  async function redeem({ answer, token }: Reply, request: string, call: Call): Promise<Terms> {
    if (answer === 'silence') throw refused(unanswered.silence);
    const terms = await read(token);
    if (terms.caller !== call.caller.id || terms.request !== request) {
      throw refused(
        'the confirmation belongs to another caller or to other arguments. Call the tool again without it.',
      );
    }
    if (Date.now() > terms.expires) {
      throw refused('the confirmation came too late. Call the tool again without it.');
    }
    // Spent before it takes effect, even if it is a no: an answer counts once.
    if (!(await spent.use(terms.nonce, terms.expires, call))) {
      throw refused(
        'this confirmation was already used. Check whether the change was made; to make another, call the tool without it.',
      );
    }
    if (answer !== 'yes') throw refused(unanswered[answer]);
    return terms;
  }

  async function read(token: string): Promise<Terms> {
    try {
      return JSON.parse((await signer()).verify('confirmation', token)) as Terms;
    } catch (cause) {
      if (!(cause instanceof HydrogenError && cause.code === 'bad_input')) throw cause;
      throw refused('the confirmation was not made here. Call the tool again without it.');
    }
  }

  async function sign(terms: Omit<Terms, 'nonce' | 'expires'>): Promise<string> {
    const whole: Terms = { ...terms, nonce: randomUUID(), expires: Date.now() + waitMs };
    return (await signer()).sign('confirmation', JSON.stringify(whole));
  }

  const sealed = async (state: string): Promise<string> =>
    (await signer()).sign('state', state).split('.').at(-1) ?? '';

  return {
    async confirmed({ request, preview, apply }, initialCall) {
      const { asking, caller } = initialCall;
      // A question to a person is not answered by the caller's own token, and vice versa.
      const requestDigest = digest(asking?.byToken ? ['by token', ...request] : request);
      let call = initialCall;
      let agreed = asking?.reply && (await redeem(asking.reply, requestDigest, call));
      for (let count = agreed?.count ?? 0; ; count++) {
        const { needsConfirmation, message, state } = await preview(call);
        const seal = await sealed(state);
        if (!needsConfirmation || agreed?.state === seal) {
          const applied = await unlessDrifted(() => apply(state, call));
          if (applied) return applied.result;
          continue;
        }
        const { ask } = requireAsking(asking, count);
        const token = await sign({
          caller: caller.id,
          request: requestDigest,
          state: seal,
          count: count + 1,
        });
        const askedAt = Date.now();
        const reply = await ask(
          { message: agreed ? `${changedSinceAsked}\n${message}` : message, token },
          waitMs,
        );
        call = { ...call, deadline: call.deadline + (Date.now() - askedAt) };
        agreed = await redeem(reply, requestDigest, call);
      }
    },
  };
}
