const isLong = process.env['TEST_LONG'] !== undefined;

/** Of what repeats one behaviour: as much as shows it, or with `npm test -- --long` all that would find a rare fault. */
export function repetitions<T>(usual: T, long: T): T {
  return isLong ? long : usual;
}
