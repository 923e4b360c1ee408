/** A table's row that can be read and found without the header: `column: value; …`. Empty cells are left out. */
export function rowText(columns: readonly string[], cells: readonly string[]): string {
  return cells
    .flatMap((value, i) => (value === '' ? [] : [`${columns[i] || `column ${i + 1}`}: ${value}`]))
    .join('; ')
    .replace(/\s*\n\s*/g, ' ');
}
