import { tidy } from '../../../tidy.ts';
import { attribute, descendants, type Element, find, isElement, ownText } from './html-tree.ts';

/** What describes a picture, in the order in which a screen reader takes it. */
export function descriptionOf(picture: Element): string {
  for (const name of ['alt', 'aria-label', 'title']) {
    const text = tidy(attribute(picture, name) ?? '');
    if (text !== '') return text;
  }
  return '';
}

/** What is drawn in place of a picture that comes later, or counts who reads: it begins as a GIF of 1 x 1. */
const pixel = /^data:image\/gif;base64,R0lGODlhAQABA/i;

const isTiny = (size: string | undefined): boolean => size !== undefined && /^\s*[01](px)?\s*$/.test(size);

/** Whether a picture shows nothing of its own: it decorates, or nobody sees it. */
export function isDecorative(attributeOf: (name: string) => string | undefined): boolean {
  if (/^(presentation|none)$/i.test(attributeOf('role') ?? '')) return true;
  if (attributeOf('aria-hidden')?.toLowerCase() === 'true' || attributeOf('hidden') !== undefined)
    return true;
  if (isTiny(attributeOf('width')) || isTiny(attributeOf('height'))) return true;
  const later = ['srcset', 'data-src', 'data-srcset', 'data-original'].some((name) => attributeOf(name));
  const source = attributeOf('src') ?? '';
  return !later && (source.trim() === '' || pixel.test(source));
}

/** Levels above a picture at which a caption is looked for. */
const maxAbove = 20;

/** Whether a figure around it has a caption. */
function hasCaption(picture: Element): boolean {
  let at = picture.parentNode;
  for (let level = 0; at && level < maxAbove; level++) {
    if ('tagName' in at && at.tagName === 'figure')
      return find(at, 'figcaption').some((caption) =>
        [...descendants(caption)].some((node) => ownText(node).trim() !== ''),
      );
    at = 'parentNode' in at ? at.parentNode : null;
  }
  return false;
}

/** A drawing of lines is mostly a sign for the eye. It is a picture where it is called one, or has one in it. */
function isDrawnPicture(svg: Element): boolean {
  const isWorded = ['title', 'desc', 'text'].some((name) => find(svg, name).length > 0);
  const isHidden = attribute(svg, 'aria-hidden') === 'true';
  return !isWorded && !isHidden && (attribute(svg, 'role') === 'img' || find(svg, 'image').length > 0);
}

function isUndescribed(element: Element): boolean {
  const isPicture = element.tagName === 'img' || (element.tagName === 'svg' && isDrawnPicture(element));
  if (!isPicture || descriptionOf(element) !== '' || attribute(element, 'aria-labelledby')) return false;
  // An empty `alt` says that there is nothing to say.
  if (element.tagName === 'img' && attribute(element, 'alt') !== undefined) return false;
  if (element.tagName === 'img' && isDecorative((name) => attribute(element, name))) return false;
  return !hasCaption(element);
}

/** How many pictures an element is or has whose content nothing tells. @param ignored names of elements that nobody sees */
export function undescribedPictures(element: Element, ignored: ReadonlySet<string>): number {
  if (element.tagName === 'img' || element.tagName === 'svg') return isUndescribed(element) ? 1 : 0;
  let count = 0;
  const enter = ({ tagName }: Element): boolean => tagName !== 'svg' && !ignored.has(tagName);
  for (const node of descendants(element, enter)) if (isElement(node) && isUndescribed(node)) count++;
  return count;
}
