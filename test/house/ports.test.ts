import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/process.ts';

/** The ports that a server may stand behind, by the files that declare them. */
const ports: Readonly<Record<string, readonly string[]>> = {
  'src/stores/audit/audit-log.ts': ['AuditLog'],
  'src/stores/cache/cache.ts': ['Cache'],
  'src/stores/events/events.ts': ['Events'],
  'src/stores/queue/wake-ups.ts': ['WakeUps'],
  'src/stores/documents/document-store.ts': ['DocumentStore'],
  'src/stores/documents/document-server.ts': ['DocumentServer'],
  'src/stores/documents/export/exports.ts': ['Exports'],
  'src/stores/index/archive.ts': ['VectorArchive', 'LibraryArchive', 'DocumentArchive', 'PassageArchive'],
  'src/stores/index/backfill.ts': ['Backfill'],
  'src/stores/index/backfill-lease.ts': ['BackfillLease'],
  'src/stores/index/catalog.ts': ['Catalog'],
  'src/stores/index/positions.ts': ['Positions'],
  'src/stores/index/retriever.ts': ['Retriever'],
  'src/stores/journal/archive.ts': ['JournalArchive'],
  'src/stores/journal/types.ts': ['Journal', 'Verdicts'],
  'src/policy/confirmation.ts': ['SpentConfirmations', 'SpentArchive'],
  'src/policy/signing.ts': ['KeyRing', 'KeyArchive'],
};

/** The declarations of an interface's methods, without comments. */
function methodsOf(text: string, name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}\\n`).exec(text)?.[1] ?? '';
  return body
    .replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
    .split(/;\n+(?= {2}\w)/)
    .map((method) => method.trim())
    .filter((method) => method !== '');
}

const all = Object.entries(ports).flatMap(([file, names]) => names.map((name) => [name, file] as const));

test.each(all)(
  '%s has no method that answers at once, and knows no process by its number',
  async (name, file) => {
    const text = await readFile(join(root, file), 'utf8');
    const methods = methodsOf(text, name);
    expect(methods).not.toEqual([]);
    const atOnce = methods.filter(
      (method) => !/\)\s*:\s*(?:Promise|AsyncGenerator|AsyncIterable)</.test(method),
    );
    expect(atOnce).toEqual([]);
    expect(text).not.toMatch(/\bpid\b/);
  },
);
