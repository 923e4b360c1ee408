/** Paragraphs of a cell in one line, each apart from the next. */
export const joinedLines = (lines: readonly string[]): string =>
  lines
    .filter((line) => line !== '')
    .reduce(
      (before, line) =>
        before === '' || /[.:;!?,]$/.test(before) ? `${before} ${line}` : `${before}; ${line}`,
      '',
    )
    .trim();
