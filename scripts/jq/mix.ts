// Programs and inputs of all kinds for jq: what expressions of workflows do, what fails, what is large.

/** Numbers from 0 up to 1 that are the same at every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Make = (random: () => number, n: number) => readonly [program: string, input: unknown];

const words = ['Wasserstoff', '氢', 'hydrogène', 'electrolyser', 'a"b\\c', '\u0000\u2028', '🙂🙂', ''];
const word = (random: () => number): string => words[Math.floor(random() * words.length)] ?? '';
const rows = (random: () => number, count: number): unknown[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    name: word(random),
    price: Math.round(random() * 1e6) / 100,
  }));

const makers: readonly Make[] = [
  (_random, n) => ['.n + 1', { n }],
  (_random, n) => ['{ n: (.n * 2), text: "\\(.n) of \\(.of)" }', { n, of: n + 1 }],
  (random) => ['map(.price) | add / length', rows(random, 20)],
  (random) => ['group_by(.name) | map({ name: .[0].name, count: length, most: (max_by(.price) | .id) })', rows(random, 30)],
  (random) => ['[.[] | select(.price > 5000) | .id]', rows(random, 25)],
  (random) => ['sort_by(-.price) | .[0:3] | map(.name)', rows(random, 12)],
  (random) => ['INDEX(.id) | with_entries(.value |= .price)', rows(random, 8)],
  (random) => [`"${'x'.repeat(1 + Math.floor(random() * 3_000))}" | length`, null],
  (random) => [`[${'.[0],'.repeat(1 + Math.floor(random() * 200))} 1] | add`, [2]],
  (random) => ['[splits("[^a-z]+"; "i")] | join("-")', `${word(random)} and ${word(random)}, ${word(random)}`],
  (random) => ['gsub("(?<x>[aeiou])"; "<\\(.x)>") | ascii_upcase', word(random)],
  (random) => ['@base64, @uri, @json, @html, (@base64 | @base64d)', word(random)],
  (_random, n) => ['todate, strftime("%A %d %B %Y"), (gmtime | mktime)', n * 86_400],
  (_random, n) => ['"2026-01-\\(1 + . % 28)T00:00:00Z" | try fromdate catch .', n],
  (random) => ['[paths(type == "number")] | length', { a: rows(random, 6), b: { c: [1, [2, [3]]] } }],
  (random) => ['reduce .[] as { $id, $price } ({}; .[$id | tostring] += $price)', rows(random, 15)],
  (random) => ['[foreach .[] as $row (0; . + $row.price; [$row.id, .])] | last', rows(random, 15)],
  (_random, n) => ['def f: if . < 2 then . else (. - 1 | f) + (. - 2 | f) end; f', n % 9],
  (_random, n) => ['[limit(5; repeat(. * 2))], first(range(.; . + 10)), ([range(.)] | length)', n % 50],
  (random) => ['try error({ code: .[0].id }) catch .code', rows(random, 1)],
  (random) => ['. as [$a, $b] | $a * $b, ($a | tojson | fromjson)', [{ x: { y: random() } }, { x: { z: [random()] } }]],
  (_random, n) => ['[., 1e308 * 10, -0, 1.1, 100000000000000000000, (. / 3)] | map(tostring)', n],
  (_random, n) => ['walk(if type == "number" then . + 1 else . end) | tostream | tojson', { n, m: [n, { k: n }] }],
  (_random, n) => ['env, $ENV.PATH, now', n],
  (_random, n) => ['.a + 1', { a: `x${n}` }],
  (_random, n) => ['.a.b.c', { a: n }],
  (_random, n) => [`label $out | foreach .[] as $i (0; . + $i; if . > ${n % 30} then ., break $out else empty end)`, [5, 6, 7, 8, 9]],
  (random) => ['map(tojson) | join("\\n") | length', rows(random, 400)],
  (random) => ['ltrimstr("Wasser"), rtrimstr("stoff"), (explode | implode), test("sto+"), ([match("s"; "g").offset])', word(random)],
  (random) => ['flatten, (tostring | length), getpath([0, 0, 0])', [[[random()]], [[[random()]]]]],
]; // biome-ignore format: one program a line

/** The n-th program and its input, a JSON text. */
export function nthEvaluation(
  n: number,
  random: () => number,
): { readonly program: string; readonly input: unknown } {
  const make = makers[n % makers.length] as Make;
  const [program, input] = make(random, n);
  return { program, input };
}
