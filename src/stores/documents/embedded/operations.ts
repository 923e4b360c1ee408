export const documentOperations = {};
