import type { LeftOutOfPage } from './html-blocks.ts';

/** What is said of what a page holds and its text does not. */
export function pageRemarks({ hidden, embedded, navigation }: LeftOutOfPage): string[] {
  const remark = (count: number, one: string, many: string): string[] =>
    count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`];
  return [
    ...remark(navigation, 'navigation menu is left out', 'navigation menus are left out'),
    ...remark(hidden, 'hidden part of the page is not read', 'hidden parts of the page are not read'),
    ...remark(embedded, 'embedded frame or player is not read', 'embedded frames and players are not read'),
  ];
}
