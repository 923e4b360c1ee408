import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/mql/index.ts';
import { value } from './evaluate.ts';

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

describe('null and wrong arguments of date operators', () => {
  const at = date('2020-11-01T18:23:36Z');
  test.each<[string, unknown, Document]>([
    [
      '$dateDiff without a start',
      { startDate: '$no', endDate: 1, unit: 'day', timezone: '$z' },
      { z: 'Nowhere' },
    ],
    ['$dateDiff without a zone', { startDate: 1, endDate: 2, unit: '$u', timezone: '$no' }, { u: 'century' }],
  ])('%s is null, whatever the others are', (_name, argument, doc) => {
    expect(value({ $dateDiff: argument }, doc)).toBeNull();
  });

  test.each<[string, unknown, Document]>([
    ['date', { date: '$no', unit: '$u', binSize: '$b' }, { u: 'x', b: 'x' }],
    ['binSize', { date: '$d', unit: '$u', binSize: '$no' }, { d: 'x', u: 'x' }],
    ['startOfWeek', { date: '$d', unit: 'week', startOfWeek: '$no', timezone: '$z' }, { d: 1, z: 1 }],
  ])('$dateTrunc without %s is null, whatever the others are', (_name, argument, doc) => {
    expect(value({ $dateTrunc: argument }, doc)).toBeNull();
  });

  test('parts of no date are null, whatever the zone of the document is', () => {
    expect(value({ $year: { date: '$no', timezone: '$z' } }, { z: 'Nowhere' })).toBeNull();
  });

  test.each<[string, unknown]>([
    ['a unit', { $dateTrunc: { date: '$no', unit: 'century' } }],
    ['a bin size', { $dateTrunc: { date: '$no', unit: 'day', binSize: 0 } }],
    ['a zone', { $dateAdd: { startDate: '$no', unit: 'day', amount: 1, timezone: 'Nowhere' } }],
    ['a zone of a part', { $hour: { date: '$no', timezone: 'Nowhere' } }],
    ['a zone of a text', { $dateToString: { date: '$no', timezone: 'Nowhere' } }],
    ['a format', { $dateToString: { date: '$no', format: 5 } }],
  ])('%s that is constant and wrong is an error even without a date', (_name, expression) => {
    expect(() => value(expression)).toThrow(/"unit"|binSize|time zone|"format"/);
  });

  test.each(['$dateToString', '$dateFromString'])('%s checks format and zone before the date', (name) => {
    const of = (options: Document): unknown => ({
      [name]: { [name === '$dateToString' ? 'date' : 'dateString']: '$no', ...options },
    });
    expect(() => value(of({ format: '$f' }), { f: 5 })).toThrow(/a string as "format"/);
    expect(() => value(of({ timezone: '$z' }), { z: 'Nowhere' })).toThrow(/not a time zone/);
    expect(value(of({ timezone: '$no', onNull: 'none' }))).toBe('none');
  });

  test.each(['format', 'timezone'])('what is no text goes to "onError" even where %s is null', (option) => {
    const argument = { dateString: 5, [option]: null, onError: 'wrong' };
    expect(value({ $dateFromString: argument })).toBe('wrong');
    expect(value({ $dateFromString: { ...argument, dateString: '2020-01-01' } })).toBeNull();
  });

  test('$dateToParts checks "iso8601" before the date', () => {
    expect(() => value({ $dateToParts: { date: '$no', iso8601: 5 } })).toThrow(/iso8601/);
  });

  test('$dateFromParts looks at no part beyond one that is null', () => {
    expect(value({ $dateFromParts: { year: 'x', hour: '$no' } })).toBeNull();
    expect(value({ $dateFromParts: { year: 2020, month: '$no', day: 'x' } })).toBeNull();
    expect(() => value({ $dateFromParts: { year: 'x', month: '$no' } })).toThrow(/"year"/);
  });

  test('an unused first day of the week may be anything', () => {
    expect(value({ $dateTrunc: { date: at, unit: 'year', startOfWeek: '$w' } }, { w: 1 })).toEqual(
      date('2020-01-01T00:00:00Z'),
    );
  });
});
