/** Space that is not a single one between words; most texts of a table have none, and are left as they are. */
const untidy = /[^\S ]| {2}|^ | $/;

/** A text in one line, with single spaces between its words. */
export const tidy = (text: string): string => (untidy.test(text) ? text.replace(/\s+/g, ' ').trim() : text);
