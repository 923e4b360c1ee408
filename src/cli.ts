#!/usr/bin/env node
// Check the version before any import: on an older Node the first import would fail instead.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `hydrogen needs Node 22.13 or newer; this is ${process.versions.node}. Install one from https://nodejs.org or run it with \`npx node@24\`.\n`,
  );
  process.exitCode = 1;
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  // First, because re-executing the process would load everything else twice.
  if (process.argv.includes('--http')) (await import('./allocator.ts')).restartWithSmallArenas();
  const { keepMemorySmall } = await import('./workers/start.ts');
  keepMemorySmall();
  const { main, reportCrashes } = await import('./cli/main.ts');
  reportCrashes();
  await main(process.argv);
}
