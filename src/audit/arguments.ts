import { redacted } from '../observability/redact.ts';
import { canonicalJson } from './canonical.ts';
import { type CodingKey, digestWith, textDigestWith } from './chain.ts';
import type { AuditedArguments } from './record.ts';

/** Characters of the text of arguments. */
const maxText = 4_000;
/** Characters of each text in them that are searched for credentials: searching takes time. */
const maxSearched = 10_000;

const secretName = /pass(?:word|wd|phrase)|secret|token|api_?-?key|credential|authorization|private_?-?key/i;
const hidden = '…';

/** Without the values of members that are named like secrets, and long texts cut. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, maxSearched);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) ? hidden : withoutSecrets(inner),
    ]),
  );
}

function textOf(given: unknown): string {
  const text = canonicalJson(redacted(withoutSecrets(given)));
  return text.length > maxText ? `${text.slice(0, maxText)}${hidden}` : text;
}

/** What is recorded of arguments, and the text that lies beside the record, where it is wanted. */
interface Recorded {
  readonly facts: { readonly arguments?: AuditedArguments };
  readonly argumentsText?: string;
}

export function auditedArguments(given: unknown, form: 'digest' | 'text', key: CodingKey): Recorded {
  if (given === undefined) return { facts: {} };
  const digest = digestWith(key, canonicalJson(given));
  if (form === 'digest') return { facts: { arguments: { digest } } };
  const argumentsText = textOf(given);
  return {
    facts: { arguments: { digest, textDigest: textDigestWith(key, argumentsText) } },
    argumentsText,
  };
}
