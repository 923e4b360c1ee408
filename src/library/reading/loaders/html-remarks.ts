import type { LeftOutOfPage } from './html-blocks.ts';
import { leftOutRemark, pictureRemark } from './left-out.ts';

/** Adds what is left out of one page to that of several. */
export function addLeftOut(
  total: LeftOutOfPage,
  { hidden, embedded, navigation, pictures }: LeftOutOfPage,
): void {
  total.hidden += hidden;
  total.embedded += embedded;
  total.navigation += navigation;
  total.pictures += pictures;
}

/** What is said of what a page holds and its text does not. */
export function pageRemarks({ hidden, embedded, navigation, pictures }: LeftOutOfPage): string[] {
  return [
    ...pictureRemark(pictures),
    ...leftOutRemark(navigation, 'navigation menu is left out', 'navigation menus are left out'),
    ...leftOutRemark(hidden, 'hidden part of the page is not read', 'hidden parts of the page are not read'),
    ...leftOutRemark(
      embedded,
      'embedded frame or player is not read',
      'embedded frames and players are not read',
    ),
  ];
}
