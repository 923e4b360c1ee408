import type { LoadedDocument } from './blocks.ts';
import { paragraphs } from './text.ts';

/** Source code: the blocks that blank lines separate; a long one is divided between its lines. */
export function loadCode(text: string, name: string): LoadedDocument {
  const blocks = paragraphs(text.split('\n'), 0, []).map((block) => ({ ...block, rows: true as const }));
  return { title: name, text, metadata: {}, blocks };
}
