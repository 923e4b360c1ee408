export const journalSchema = '';
