export const journalOperations = {};
