export const tests: readonly string[] = ['test/process-identity.test.ts', 'test/busy-files.test.ts'];
export const notRun: readonly { readonly what: string; readonly reason: string }[] = [];
