import { describe, expect, test } from 'vitest';
import { aggregate, DEFAULT_MAX_BYTES } from '../../src/mql/index.ts';

const value = (expression: unknown): unknown => {
  const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  const context = { input: () => [{}], collection: () => [], limits, now: new Date(0) };
  for (const doc of aggregate([{ $replaceWith: { x: expression } }], context)) return doc['x'];
  return undefined;
};
const date = (text: string): Date => new Date(text);
const summer = date('2024-07-01T12:00:00Z');

describe('dates in time zones', () => {
  test.each<[string, unknown, unknown]>([
    ['an IANA zone in summer', { $hour: { date: summer, timezone: 'Europe/Berlin' } }, 14],
    ['a zone with half an hour', { $minute: { date: summer, timezone: 'Asia/Kolkata' } }, 30],
    ['an offset', { $hour: { date: summer, timezone: '-0830' } }, 3],
    [
      'a day added over the change of the clock keeps the hour',
      {
        $dateAdd: {
          startDate: date('2024-03-09T17:00:00Z'),
          unit: 'day',
          amount: 1,
          timezone: 'America/New_York',
        },
      },
      date('2024-03-10T16:00:00Z'),
    ],
    [
      'an hour added over the change of the clock is an hour',
      {
        $dateAdd: {
          startDate: date('2020-11-01T05:50:02Z'),
          unit: 'hour',
          amount: 1,
          timezone: 'America/New_York',
        },
      },
      date('2020-11-01T06:50:02Z'),
    ],
    [
      'a month later than the 31st is the last day',
      { $dateAdd: { startDate: date('2020-10-31T00:00:00Z'), unit: 'month', amount: 1 } },
      date('2020-11-30T00:00:00Z'),
    ],
    [
      'days are counted on the local calendar',
      {
        $dateToString: {
          date: {
            $dateTrunc: { date: date('2024-03-31T22:30:00Z'), unit: 'day', timezone: 'Europe/Berlin' },
          },
        },
      },
      '2024-03-31T22:00:00.000Z',
    ],
    [
      'parts with a zone',
      {
        $dateFromParts: {
          year: 2016,
          month: 12,
          day: 31,
          hour: 23,
          minute: 46,
          second: 12,
          timezone: 'America/New_York',
        },
      },
      date('2017-01-01T04:46:12Z'),
    ],
  ])('%s', (_name, expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('an unknown zone is named', () => {
    expect(() => value({ $hour: { date: summer, timezone: 'Mars/Base' } })).toThrow(
      /"Mars\/Base" is not a time zone/,
    );
  });
});

describe('ISO weeks', () => {
  test.each([
    ['2021-01-03', 2020, 53],
    ['2021-01-04', 2021, 1],
    ['2016-01-01', 2015, 53],
  ])('%s', (day, year, week) => {
    const text = { $dateToString: { date: date(`${day}T00:00:00Z`), format: '%G-%V' } };
    expect(value(text)).toBe(`${year}-${String(week).padStart(2, '0')}`);
  });
});

describe('dates from text', () => {
  test.each<[string, string | undefined, string]>([
    ['2017-02-08T12:10:40.787Z', undefined, '2017-02-08T12:10:40.787Z'],
    ['2017-02-08', undefined, '2017-02-08T00:00:00.000Z'],
    ['2017-02-08T12:10:40+0530', undefined, '2017-02-08T06:40:40.000Z'],
    ['06-15-2018', '%m-%d-%Y', '2018-06-15T00:00:00.000Z'],
    ['2018-W06-3', '%G-W%V-%u', '2018-02-07T00:00:00.000Z'],
  ])('%s', (text, format, expected) => {
    const result = value({ $dateFromString: { dateString: text, ...(format !== undefined && { format }) } });
    expect((result as Date).toISOString()).toBe(expected);
  });

  test.each([
    ['2017-02', '%Y-%m'],
    ['02-08', '%m-%d'],
    ['12:30', '%H:%M'],
  ])('%s by the format %s names no day', (text, format) => {
    const expression = { $dateFromString: { dateString: text, format } };
    expect(() => value(expression)).toThrow(/Cannot read.*names no day/);
  });

  test.each(['2017-02-30', '2017-13-01', 'soon', '2017-02-08T25:00:00Z'])('%s is no date', (text) => {
    expect(() => value({ $dateFromString: { dateString: text } })).toThrow(/Cannot read/);
  });
});

describe('dates from parts', () => {
  test('seconds and milliseconds may be of any size', () => {
    const expression = { $dateFromParts: { year: 2024, second: 86_400, millisecond: -1 } };
    expect(value(expression)).toEqual(date('2024-01-01T23:59:59.999Z'));
  });

  test.each(['month', 'day', 'hour', 'minute'])('%s must fit 16 bits', (part) => {
    expect(value({ $dateFromParts: { year: 2024, [part]: 32_767 } })).toBeInstanceOf(Date);
    for (const number of [32_768, -32_769]) {
      expect(() => value({ $dateFromParts: { year: 2024, [part]: number } })).toThrow(
        new RegExp(`"${part}" of \\$dateFromParts must be from -32768 to 32767`),
      );
    }
  });

  test.each(['isoWeek', 'isoDayOfWeek'])('%s must fit 16 bits', (part) => {
    expect(() => value({ $dateFromParts: { isoWeekYear: 2024, [part]: 40_000 } })).toThrow(/-32768 to 32767/);
  });
});
