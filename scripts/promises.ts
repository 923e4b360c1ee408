// What the platform asks of every server, measured against its limits: start, memory and health check of the built server, and
// with --image also the image: size, build time, and what it does on a read-only root: npm run promises [-- --image]
// The image needs root, buildah and, where no image registry answers, debootstrap; it takes two minutes, and is skipped, and
// said so, where they are not there. It ends with exit code 1 where a promise is not kept.
import { fileURLToPath } from 'node:url';
import { measureImage } from './promises/image.ts';
import type { Promised } from './promises/promise.ts';
import { measureServer } from './promises/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

function report(promises: readonly Promised[]): void {
  for (const { what, kept, measured } of promises) {
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${what}: ${measured}`);
    if (!kept) process.exitCode = 1;
  }
}

report(await measureServer(root));
if (process.argv.includes('--image')) {
  const image = await measureImage(root);
  if (typeof image === 'string') console.log(`SKIPPED the image: ${image}`);
  else report(image);
}
