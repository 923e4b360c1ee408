/** A part of an answer that may hold text, or bytes as text. */
interface Part {
  readonly text?: unknown;
  readonly blob?: unknown;
}

const bytesOf = (text: unknown): number => (typeof text === 'string' ? Buffer.byteLength(text) : 0);

/** Bytes of the text in the answer of a tool or a resource; lists and what a prompt says are ours, and count nothing. */
export function answerBytes(answer: object): number {
  const { content, contents } = answer as { content?: unknown; contents?: unknown };
  const parts = [content, contents].filter((one): one is Part[] => Array.isArray(one)).flat();
  return parts.reduce((sum, { text, blob }) => sum + bytesOf(text) + bytesOf(blob), 0);
}
