/** Names that a remark tells. */
const maxNames = 5;

/** The remark on so many things that are not in the text, with their names where they have some; none for 0. */
export function leftOutRemark(
  count: number,
  one: string,
  many: string,
  names: readonly string[] = [],
): string[] {
  if (count === 0) return [];
  const rest = names.length > maxNames ? `, and ${names.length - maxNames} more` : '';
  const which = names.length === 0 ? '' : ` (${names.slice(0, maxNames).join(', ')}${rest})`;
  return [`${count === 1 ? `1 ${one}` : `${count.toLocaleString('en')} ${many}`}${which}`];
}

/** The remark on pictures of which nothing is in the text. */
export const pictureRemark = (count: number): string[] =>
  leftOutRemark(
    count,
    'picture without a description is not read',
    'pictures without a description are not read',
  );
