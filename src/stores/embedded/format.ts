/**
 * The format of the store file: `user_version`, the number of its migrations. In a file of its own because the main
 * thread checks it but does not need the migrations.
 */
export const formatVersion = 10;
