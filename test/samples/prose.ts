/** The sentences of a sample document, without what is not prose: front matter, code, markup. */
export function sentences(name: string, text: string): string[] {
  return blocks(name, text.replaceAll('\r\n', '\n'))
    .flatMap((block) => (/^\s*\|/.test(block) ? block.split('\n') : [block.replace(/\s+/g, ' ')]))
    .flatMap((block) => block.split(/(?<=[.!?:;])\s+(?=[A-Z])/))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function blocks(name: string, text: string): string[] {
  if (name.endsWith('.json')) return strings(JSON.parse(text));
  if (name.endsWith('.csv')) return text.split('\n');
  if (name.endsWith('.html'))
    return text.split(/<\/?(?:h\d|p|li|title)\b[^>]*>/).map((part) => part.replace(/<[^>]*>/g, ''));
  return body(text)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '')
    .split(/\n\s*\n|\n(?=#)/);
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'updated' ? [] : strings(inner)));
}

/** A Markdown page without its front matter. */
export function body(page: string): string {
  return page.replace(/^---\n[\s\S]*?\n---\n/, '');
}
