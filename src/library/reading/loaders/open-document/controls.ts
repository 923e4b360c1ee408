import { tidy } from '../../../../tidy.ts';
import { childrenOf, textIn, type XmlElement, xmlAttribute } from '../xml.ts';

const isTicked = (control: XmlElement): boolean =>
  /^(checked|true)$/.test(
    ['current-state', 'state', 'current-selected', 'selected']
      .map((name) => xmlAttribute(control, name))
      .find((value) => value !== undefined) ?? '',
  );

/** What a control shows: its label and state, its value, or what was chosen. */
function controlText(control: XmlElement): string {
  const label = xmlAttribute(control, 'label') ?? '';
  if (control.name === 'checkbox' || control.name === 'radio')
    return `${isTicked(control) ? '☒' : '☐'} ${label}`;
  const options = childrenOf(control).filter(({ name }) => name === 'option' || name === 'item');
  const chosen = options.filter(isTicked);
  const shown = (chosen.length > 0 ? chosen : options).map((option) => xmlAttribute(option, 'label') ?? '');
  const written = childrenOf(control).filter(({ name }) => name === 'p');
  return [
    label,
    xmlAttribute(control, 'current-value') ?? xmlAttribute(control, 'value') ?? '',
    shown.filter(Boolean).join(chosen.length > 0 ? ', ' : ' / '),
    written.map(textIn).join(' '),
  ]
    .filter(Boolean)
    .join(' ');
}

const all = (element: XmlElement): XmlElement[] =>
  childrenOf(element).flatMap((child) => [child, ...all(child)]);

/** What form controls show, by their ids. */
export function controlTexts(forms: readonly XmlElement[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const control of forms.flatMap(all)) {
    const id = xmlAttribute(control, 'id');
    const text = id === undefined ? '' : tidy(controlText(control));
    if (id !== undefined && text !== '') found.set(id, text);
  }
  return found;
}
