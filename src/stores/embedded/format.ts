/** `user_version` of a file in this program's format: the number of its migrations. */
export const schemaVersion = 6;

/** Finds a row when the file has this program's format. */
export const currentFormat = `SELECT 1 FROM pragma_user_version WHERE user_version = ${schemaVersion}`;
