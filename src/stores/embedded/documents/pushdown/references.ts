import { getField, isDocument } from '../../../../mql/values/fields.ts';

/** Collects the top-level fields that something reads. */
export interface References {
  /** A dotted path. */
  path(path: string): void;
  /** An aggregation expression, or a document of accumulators over expressions. */
  expression(value: unknown): void;
  /** A filter. */
  filter(filter: unknown): void;
  /** Everything is read. */
  everything(): void;
  /** The fields, or undefined for all. */
  fields(): string[] | undefined;
}

/** Whether an operator reads the whole document because its operand names no field. */
function readsWhole(name: string, operand: unknown): boolean {
  if (name === '$getField') return !(isDocument(operand) && Object.hasOwn(operand, 'input'));
  return name === '$meta';
}

export function createReferences(): References {
  const found = new Set<string>();
  let all = false;

  const path = (text: string): void => {
    const [first = ''] = text.split('.', 1);
    if (first === '') all = true;
    else found.add(first);
  };
  const reference = (text: string): void => {
    if (!text.startsWith('$$')) path(text.slice(1));
    else if (/^\$\$(ROOT|CURRENT)\./.test(text)) path(text.slice(text.indexOf('.') + 1));
    else if (/^\$\$(ROOT|CURRENT)$/.test(text)) all = true;
  };
  const keys = (value: unknown): void => {
    if (isDocument(value)) Object.keys(value).forEach(path);
  };
  const expression = (value: unknown): void => {
    if (typeof value === 'string' && value.startsWith('$')) reference(value);
    else if (Array.isArray(value)) value.forEach(expression);
    else if (isDocument(value)) {
      for (const name of Object.keys(value)) entry(name, getField(value, name));
    }
  };
  const entry = (name: string, operand: unknown): void => {
    if (name === '$literal' || name === '$const') return;
    if (readsWhole(name, operand)) all = true;
    // The accumulators that rank documents name fields without $.
    if (name === 'sortBy') keys(operand);
    expression(operand);
  };
  const filter = (given: unknown): void => {
    if (!isDocument(given)) return;
    for (const name of Object.keys(given)) {
      const operand = getField(given, name);
      if (!name.startsWith('$')) path(name);
      else if (name === '$expr') expression(operand);
      else if (Array.isArray(operand)) operand.forEach(filter);
    }
  };
  return {
    path,
    expression,
    filter,
    everything() {
      all = true;
    },
    fields: () => (all ? undefined : [...found]),
  };
}
