import { type Document, type Scalar, visit } from 'yaml';
import { badInput } from './errors.ts';
import { exactNumber } from './mql/formats.ts';

/** A number of YAML that the parser may have changed, or that JSON has not. */
function mayChange(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true;
  return value === 0 ? /^[^eE]*[1-9]/.test(source) : Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** @throws HydrogenError `bad_input` for a number that cannot be kept */
function exactValue(source: string): unknown {
  if (/^[-+]?\.(inf|nan)$/i.test(source)) throw badInput(`${source} is no number of JSON: write it as text.`);
  const isHexOrOctal = /^0[xo]/.test(source);
  return exactNumber(isHexOrOctal ? String(BigInt(source)) : source.replace(/^\+/, ''));
}

/**
 * Makes the numbers of parsed YAML (or JSON) what is written, as `parseExactJson` does: integers beyond 2^53 become
 * `{"$numberLong":"…"}`.
 * @param refuse is told each number that cannot be kept, and why; it may give the node another value
 */
export function keepYamlNumbers(document: Document, refuse: (node: Scalar, reason: string) => void): void {
  visit(document, {
    Scalar(key, node) {
      const { value, source } = node;
      if (typeof value !== 'number' || source === undefined || !mayChange(value, source)) return;
      try {
        // A key is text in JSON.
        node.value = key === 'key' ? source : exactValue(source);
      } catch (error) {
        refuse(node, error instanceof Error ? error.message : '');
      }
    },
  });
}
