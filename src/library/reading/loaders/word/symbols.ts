import { codePoint } from 'dingbat-to-unicode';
import { type XmlElement, xmlAttribute } from '../xml.ts';

/** Fonts of symbols have theirs in the private area, at the place of a byte. */
const privateArea = 0xf000;

function plainSymbol(font: string, code: number): string | undefined {
  const found = codePoint(font, code) ?? codePoint(font, code & 0xff);
  return found?.string;
}

/**
 * The character that a symbol of a font stands for.
 * @param missing hears of one that is not known
 */
export function symbolOf(element: XmlElement, missing: () => void): string {
  const [font = '', code = ''] = ['font', 'char'].map((name) => xmlAttribute(element, name));
  const value = Number.parseInt(code, 16);
  if (!Number.isFinite(value)) return '';
  const known = plainSymbol(font, value);
  if (known !== undefined) return known;
  if (value >= privateArea && value < privateArea + 0x100) {
    missing();
    return '�';
  }
  return value <= 0x10ffff ? String.fromCodePoint(value) : '';
}
