/**
 * The format of the store file: `user_version`, the number of its migrations. On its own, because the main
 * thread looks at it and has no use for the migrations.
 */
export const formatVersion = 6;
