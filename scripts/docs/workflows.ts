import { tools } from '../../src/tools/tools.ts';
import { table } from './table.ts';

/** Tools that answer with a text: `TextPart` in src/tools/common/define.ts. */
const withText: readonly string[] = ['get_document'];

/** What a workflow's `call` of each tool gives, by the names of its fields. */
export function functionsTable(): string {
  const readable = tools.filter(({ operation }) => operation === 'read');
  const fields = readable.map(({ name, output }) => {
    if (output) return [name, Object.keys(output.shape)] as const;
    return [name, ['summary', withText.includes(name) ? 'text' : 'rows']] as const;
  });
  const rows = [...Map.groupBy(fields, ([, names]) => names.join('`, `'))].map(([names, group]) => [
    group.map(([name]) => `\`${name}\``).join(', '),
    `\`${names}\``,
  ]);
  return table(['Tool', 'Fields'], rows);
}
