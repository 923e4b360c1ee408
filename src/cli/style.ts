import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** The text in a style, where the stream is a terminal that shows it (and `NO_COLOR` is not set). */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}
