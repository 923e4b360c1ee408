import { tidy } from '../../../tidy.ts';
import { normalDate } from './dates.ts';

// Programs that print to PDF fill in what they have: the file's name, what they call a new document, a scanner's number.

/** Endings of files that are printed, scanned or set. Those that names of products have (Node.js, ASP.NET) are not here. */
const fileName =
  /[^\s.]\.(?:docx?|docm|dotx?|odt|rtf|wpd|wps|tex|ltx|dvi|e?ps|prn|pdf|txt|log|md|html?|xhtml|mht|aspx?|php|jsp|xml|csv|xls[xmb]?|ods|ppt[xm]?|pps[xm]?|odp|odg|vsdx?|pub|indd|qxd|qxp|fm|pmd|p65|psd|cdr|svg|dwg|dxf|jpe?g|png|gif|tiff?|bmp|webp|heic|eml|msg|hwp|hwpx|sxw|lwp|zip)$/i;
/** Also behind the name of the program, as in "Microsoft Word - plan". */
const ofProgram =
  /^(?:microsoft|ms|open|libre)\s?(?:office )?(?:word|excel|powerpoint|publisher|visio|office)(?:$| [-–] )/i;
const path =
  /^(?:[a-z]:[\\/]|\\\\\S|~\/|file:|about:|data:|\/(?:home|users|tmp|var|mnt|media|usr|opt|private|volumes|root|srv|data)\/|\/\S+\/\S*$)/i;
/** What a new document is called, in the languages of most programs, and a picture of a scanner or a camera. */
const unnamed =
  /^(?:title$|new$|untitled|no title|unnamed|unbenannt|ohne titel|sans titre|sin t[ií]tulo|senza titolo|sem t[ií]tulo|naamloos|namnlös|uden titel|bez tytułu|bez názvu|без названия|无标题|無標題|無題|名称未設定|제목 없음|doc|document|documento?|dokument|book(?=\d*$)|workbook|sheet|spreadsheet|presentation|präsentation|presentación|présentation|slide|page|seite|drawing|mappe(?=\d*$)|classeur(?=\d*$)|libro(?=\d*$)|cartel(?=\d*$)|folie|diapositi(?:ve|va|vo)|tabelle|feuille?|hoja|foglio|print|print ?out|enscript output|powerpoint presentation|powerpoint-präsentation|présentation powerpoint|presentación de powerpoint|apresentação do powerpoint|presentazione (?:standard )?di powerpoint|презентация powerpoint|powerpoint プレゼンテーション|powerpoint 演示文稿|scan(?:ned)?|scanned (?:document|image)|scanned? from an? .*|image|img|photo|picture|dsc[fn]?|pict?|ccf|skm|xerox scan|fax)(?: (?:document|spreadsheet|presentation|page|drawing|form|file))?[\s_.-]*[\d\s_:.-]*$/i;
/** What programs write where they have nothing, or an object instead of its text. */
const nothing =
  /^(?:none|null|nil|undefined|n\/?a|unknown|anonymous|unspecified|not specified|no author|author|\[?object object\]?|(?:array|hash|scalar|code|glob|ref)\(0x[\da-f]+\)|\w*<?[\w.]+ object at 0x[\da-f]+>?)$/i;
const computerUser =
  /^(?:(?:windows|microsoft(?: office)?|ms office|office|ie) ?(?:user|account)|user ?\d*|utilisateur|benutzer|usuario|utente|admin(?:istrator|istrador|istrateur)?|owner|root|default|guest)$/i;
const digest = /^[\da-f-]{16,}$/i;
/** Letters; of scripts without case one is a word. */
const word = /\p{L}\p{M}*\p{L}|[\p{Lo}--\p{Script=Latin}]/v;

/** The byte that PDFDocEncoding writes each of these as, from 0x80 on, and the euro. */
const special = '•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž';
const firstSpecial = 0x80;
const euro = 0xa0;

function bytesOf(text: string): Uint8Array | undefined {
  const bytes = Array.from(text, (character) => {
    const at = special.indexOf(character);
    if (at >= 0) return firstSpecial + at;
    return character === '€' ? euro : (character.codePointAt(0) ?? 0);
  });
  return bytes.some((byte) => byte > 0xff) ? undefined : Uint8Array.from(bytes);
}

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Text that was written as its bytes: in octal, or as hexadecimal digits. */
function unescaped(text: string): string {
  if (/^<(?:[\da-f]{2})+>$/i.test(text)) return Buffer.from(text.slice(1, -1), 'hex').toString('latin1');
  if (!/^\\37[67]\\37[67]/.test(text)) return text;
  return text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** A text whose encoding its program did not say, or said twice, as it was meant. */
function meant(text: string): string {
  const written = unescaped(text);
  const bytes = bytesOf(written);
  if (!bytes) return written;
  const [first, second] = bytes;
  const zeros = (parity: number): number => bytes.filter((byte, i) => byte === 0 && i % 2 === parity).length;
  const half = bytes.length / 4;
  const isBig = (first === 0xfe && second === 0xff) || (zeros(0) > half && zeros(1) === 0);
  const isLittle = (first === 0xff && second === 0xfe) || (zeros(1) > half && zeros(0) === 0);
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  if (isBig) return decode(even, 'utf-16be') ?? written;
  if (isLittle) return decode(even, 'utf-16le') ?? written;
  return bytes.some((byte) => byte >= 0x80) ? (decode(bytes, 'utf-8') ?? written) : written;
}

/** Letters of fonts that nobody else has, and those that stand for what could not be decoded. */
const unreadable = /[\p{Co}\uFFFD]/u;

/** A text in one line; undefined where it has no words. */
export function wordsOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = tidy(meant(value).replace(/\p{Cc}/gu, ' '));
  const bare = text.replace(/^[([<"']+|[)\]>"']+$/g, '').trim();
  if (!word.test(text) || unreadable.test(text) || nothing.test(bare) || nothing.test(text)) return undefined;
  return text;
}

/** The title that a file gives itself; undefined where that is no title, but the name of a file or nothing. */
export function titleOf(value: unknown): string | undefined {
  const title = wordsOf(value);
  if (title === undefined) return undefined;
  const bare = title.replace(/^[([<"']+|[)\]>"']+$/g, '').trim();
  return [fileName, ofProgram, path, unnamed, digest].some((kind) => kind.test(bare)) ? undefined : title;
}

/** Who wrote it; undefined where a program says only that it does not know. */
function authorOf(value: unknown): string | undefined {
  const author = wordsOf(value);
  return author === undefined || path.test(author) || computerUser.test(author) ? undefined : author;
}

/** `D:20260301093000+01'00'` */
function pdfDate(value: unknown): string | undefined {
  const found = /^D?:?(\d{4})(\d{2})?(\d{2})?/.exec(String(value ?? ''));
  return found ? normalDate(`${found[1]}-${found[2] ?? '01'}-${found[3] ?? '01'}`) : undefined;
}

/** What a file says of itself, as far as it says it in words. */
export function propertiesOf(info: Readonly<Record<string, unknown>>): {
  readonly title?: string;
  readonly author?: string;
  readonly created?: string;
} {
  const title = titleOf(info['Title']);
  const author = authorOf(info['Author']);
  const created = pdfDate(info['CreationDate']);
  return {
    ...(title !== undefined && { title }),
    ...(author !== undefined && { author }),
    ...(created !== undefined && { created }),
  };
}
