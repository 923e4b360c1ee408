export const indexOperations = {};
