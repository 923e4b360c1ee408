import { redacted } from '../observability/redact.ts';
import { canonicalJson } from './canonical.ts';
import { type CodingKey, digestWith } from './chain.ts';
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

/** What is recorded of arguments: undefined where there are none. */
export function auditedArguments(
  given: unknown,
  form: 'digest' | 'text',
  key: CodingKey,
): AuditedArguments | undefined {
  if (given === undefined) return undefined;
  const digest = digestWith(key, canonicalJson(given));
  return { digest, ...(form === 'text' && { text: textOf(given) }) };
}
