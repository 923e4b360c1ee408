export const indexSchema = '';
