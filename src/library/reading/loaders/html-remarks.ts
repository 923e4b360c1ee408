import type { LeftOutOfPage } from './html-blocks.ts';
import { leftOutRemark } from './left-out.ts';

/** What is said of what a page holds and its text does not. */
export function pageRemarks({ hidden, embedded, navigation }: LeftOutOfPage): string[] {
  return [
    ...leftOutRemark(navigation, 'navigation menu is left out', 'navigation menus are left out'),
    ...leftOutRemark(hidden, 'hidden part of the page is not read', 'hidden parts of the page are not read'),
    ...leftOutRemark(
      embedded,
      'embedded frame or player is not read',
      'embedded frames and players are not read',
    ),
  ];
}
