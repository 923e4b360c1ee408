import { expect, test } from 'vitest';
import { analyse, analyseQueryWords } from '../../../src/stores/index/analyser.ts';

/** Whether a text has a term of each word of a question. */
function matches(question: string, text: string): boolean {
  const terms = new Set(analyse(text));
  return analyseQueryWords(question, ['de', 'ru']).every(({ terms: any, beginning }) =>
    beginning === undefined
      ? any.some((term) => terms.has(term))
      : [...terms].some((term) => term.startsWith(beginning)),
  );
}

test.each<[string, string, string]>([
  ['1.2.3', 'firmware 1.2.3 of the pump', 'firmware 1.3.2 of the pump'],
  ['A.123.456', 'part A.123.456', 'part A.456.123'],
  ['10.0.1.2', 'controller 10.0.1.2', 'controller 10.0.2.1'],
  ['2024-01-02', 'on 2024-01-02', 'on 2024-02-01'],
  ['INV-2024-0017', 'invoice INV-2024-0017', 'invoice INV-0017-2024'],
  ['C++', 'written in C++', 'written in C'],
  ['C#', 'written in C#', 'written in C'],
  ['.NET', 'runs on .NET here', 'runs on the net here'],
])('%s is found where its parts stand together in this order', (identifier, right, wrong) => {
  expect(matches(identifier, right)).toBe(true);
  expect(matches(identifier, wrong)).toBe(false);
});

test.each<[string, string]>([
  ['700 bar', 'stored at 700bar'],
  ['M8 x 20', 'a bolt M8x20'],
  ['35 MPa', 'filled to 35MPa'],
  ['Strasse', 'in der Straße'],
  ['Lukasz', 'signed by Łukasz'],
  ['Gudmundsdottir', 'Guðmundsdóttir'],
  ['GRÖSSEN', 'die Größen der Rohre'],
  ['Wasserstoffwirtschaft', 'die Wasser\u00adstoff\u200bwirtschaft wächst'],
  ['Oeuvre', 'une œuvre'],
  ['水', '淡水を作る'],
  ['弁', '安全弁'],
])('"%s" finds "%s"', (question, text) => {
  expect(matches(question, text)).toBe(true);
});

/** Whether a text has a term of a question at all. */
const finds = (text: string, question: string): boolean => {
  const terms = new Set(analyse(text));
  return analyseQueryWords(question, []).some(({ terms: any }) => any.some((term) => terms.has(term)));
};

test.each([
  ['Node.js', 'nodejs'],
  ['nodejs', 'Node.js'],
  ['e-mail', 'email'],
  ['email', 'e-mail'],
  ['Wi-Fi', 'wifi'],
  ['ISO9001', 'ISO 9001'],
  ['DN 50', 'DN50'],
  ['M8×20', 'M8x20'],
  ['M8 × 20', 'M8 x 20'],
  ['Ａ１２３', 'A123'],
  ['７００ｂａｒ', '700 bar'],
  ['Kapitel Ⅳ', 'IV'],
  ['10⁶', '10^6'],
  ['c++20', 'C++'],
])('%s is found by %s', (text, question) => {
  expect(finds(text, question)).toBe(true);
});

test.each([
  ['10⁶', '106'],
  ['1½', '11'],
  ['42¹', '421'],
])(
  '%s is not found by %s: a raised digit and a fraction are no digits of the number before',
  (text, question) => {
    expect(finds(text, question)).toBe(false);
  },
);

test('a unit in a short question is asked for, although it is a stop word in some language', () => {
  expect(analyseQueryWords('700 bar', ['hu', 'de']).map(({ terms }) => terms[0])).toEqual(['700', 'bar']);
});
