import { fileURLToPath } from 'node:url';

/**
 * Runs `scripts/FOLDER/PART.ts` with the arguments behind its name, as if it had been started itself. Without a name it
 * is the first of the parts.
 */
export async function runPart(folder: string, parts: readonly string[]): Promise<void> {
  const [node = '', , ...given] = process.argv;
  const isNamed = given.length > 0 && !given[0]?.startsWith('-');
  const part = isNamed ? given.shift() : parts[0];
  if (part === undefined || !parts.includes(part)) {
    console.error(`npm run ${folder}: there is no "${part}". Choose one of ${parts.join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const script = new URL(`./${folder}/${part}.ts`, import.meta.url);
  process.argv = [node, fileURLToPath(script), ...given];
  await import(script.href);
}
