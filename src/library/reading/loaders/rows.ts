/** A table row that can be read and found without the header: `column: value; …`. Empty cells are omitted. */
export function rowText(columns: readonly string[], cells: readonly string[]): string {
  return cells
    .flatMap((value, i) => (value === '' ? [] : [`${columns[i] || `column ${i + 1}`}: ${value}`]))
    .join('; ')
    .replace(/\s*\n\s*/g, ' ');
}
