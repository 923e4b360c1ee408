import { badInput } from '../../../errors.ts';
import { momentOf } from '../../../mql/dates/moment.ts';
import { dateReader } from '../../../mql/formats.ts';

/** How the dates of a table are written. */
export interface DateForm {
  /** That of `--date-format`. */
  readonly format: string | undefined;
  /** The moment of a text in the format; UTC where it names no zone. */
  inFormat(text: string): Date | undefined;
  /** Also that of one in ISO 8601. */
  read(text: string): Date | undefined;
}

/** @throws HydrogenError `bad_input` for a format that is none, or by which no day is known */
function formatReader(format: string): (text: string) => Date | undefined {
  const example = '--date-format takes a format such as %d.%m.%Y';
  let reader: ReturnType<typeof dateReader>;
  try {
    reader = dateReader(format);
  } catch (error) {
    throw badInput(`${example}, not "${format}": ${error instanceof Error ? error.message : error}`);
  }
  if (!reader.namesDay) throw badInput(`${example}, not "${format}": it needs year, month and day.`);
  return (text) => {
    if (!reader.fits(text)) return undefined;
    try {
      return reader.read(text, undefined);
    } catch {
      // It has the form, and its day is one that no month has.
      return undefined;
    }
  };
}

/** @throws HydrogenError `bad_input` for a format that is none */
export function dateForm(format: string | undefined): DateForm {
  const inFormat = format === undefined ? () => undefined : formatReader(format);
  return { format, inFormat, read: (text) => inFormat(text) ?? momentOf(text) };
}

/** A day by numbers, the year last, perhaps with a time. */
const yearLast = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:([ T])\d{1,2}:\d\d(:\d\d)?)?$/;

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Counts texts that look like dates, for the format that would read them. */
export function createDateTally() {
  /** Those that are days where the day is first, and where the month is. */
  let [count, dayFirst, monthFirst] = [0, 0, 0];
  const first = { text: '', mark: '', time: '' };
  let isUniform = true;

  /** The formats that read most of them: two where nothing tells the day from the month. */
  function formats(): readonly string[] {
    const { mark, time } = first;
    const byDay = `%d${mark}%m${mark}%Y${time}`;
    const byMonth = `%m${mark}%d${mark}%Y${time}`;
    if (2 * Math.max(dayFirst, monthFirst) <= count) return [];
    if (dayFirst === monthFirst && mark !== '.') return [byDay, byMonth];
    return [dayFirst >= monthFirst ? byDay : byMonth];
  }

  return {
    add(text: string): void {
      const found = yearLast.exec(text);
      if (!found) return;
      const [, one, mark = '', other, year, between = '', seconds] = found;
      const time = between && `${between}%H:%M${seconds === undefined ? '' : ':%S'}`;
      if (count++ === 0) Object.assign(first, { text, mark, time });
      isUniform &&= first.mark === mark && first.time === time;
      if (isDay(Number(year), Number(other), Number(one))) dayFirst++;
      if (isDay(Number(year), Number(one), Number(other))) monthFirst++;
    },
    /** What makes dates of a column of texts, where all of them look like some. */
    hint(texts: number, { format }: DateForm): string | undefined {
      if (count === 0 || count < texts || !isUniform) return undefined;
      const found = formats();
      if (found.length === 0 || found.some((one) => one === format)) return undefined;
      const [one, other] = found.map((text) => (text.includes(' ') ? `"${text}"` : text));
      const makes = `holds dates like "${first.text}" as text: --date-format ${one} makes them dates`;
      return other === undefined ? makes : `${makes} if the day is first, ${other} if the month is`;
    },
  };
}
