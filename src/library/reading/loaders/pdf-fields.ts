import { tidy } from '../../../tidy.ts';

/** The part of pdf.js's annotations that is used. */
interface Annotation {
  readonly subtype?: string;
  readonly fieldType?: string;
  readonly fieldName?: string;
  readonly fieldValue?: unknown;
  readonly alternativeText?: string;
  readonly checkBox?: boolean;
  readonly radioButton?: boolean;
  readonly pushButton?: boolean;
  readonly exportValue?: string;
  readonly buttonValue?: string;
  readonly password?: boolean;
  readonly contentsObj?: { readonly str?: string };
  readonly titleObj?: { readonly str?: string };
}

/** A form field with what was filled in, as "Company: Quokka Industries"; undefined for an empty one. */
function fieldLine(field: Annotation): string | undefined {
  const {
    fieldName = '',
    fieldValue,
    alternativeText = '',
    checkBox,
    radioButton,
    pushButton,
    password,
  } = field;
  if (pushButton || password) return undefined;
  const name = tidy(alternativeText) || tidy(fieldName);
  if (checkBox || radioButton) {
    const own = field.exportValue ?? field.buttonValue;
    const isOn =
      typeof fieldValue === 'string' && fieldValue !== 'Off' && (own === undefined || own === fieldValue);
    // Of several buttons the one that is pressed says it all.
    if (radioButton) return isOn ? `${name}: ${fieldValue}` : undefined;
    return `${isOn ? '☒' : '☐'} ${name}`;
  }
  const value = tidy(
    [fieldValue]
      .flat()
      .filter((one) => typeof one === 'string')
      .join(', '),
  );
  return value === '' ? undefined : `${name === '' ? '' : `${name}: `}${value}`;
}

/** Marks that belong to others, or lead elsewhere. */
const withoutText = new Set(['Link', 'Popup', 'Widget', 'FileAttachment']);

/** What was filled in and noted on a page, a line each. */
export function annotationLines(annotations: readonly object[]): string[] {
  const fields: string[] = [];
  const notes: string[] = [];
  for (const annotation of annotations as readonly Annotation[]) {
    const { subtype = '', contentsObj, titleObj } = annotation;
    const field = subtype === 'Widget' ? fieldLine(annotation) : undefined;
    if (field !== undefined) fields.push(field);
    const text = withoutText.has(subtype) ? '' : tidy(contentsObj?.str ?? '');
    const author = tidy(titleObj?.str ?? '');
    if (text !== '') notes.push(`[note] ${author === '' ? '' : `${author}: `}${text}`);
  }
  return [...new Set([...fields, ...notes])];
}
