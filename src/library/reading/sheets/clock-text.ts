const two = (value: number): string => String(value).padStart(2, '0');

/** A time of day or a duration in words, without seconds that are none. */
export function clockText(milliseconds: number): string {
  const seconds = Math.round(milliseconds) / 1_000;
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const whole = Math.floor(rest);
  const fraction = Math.round((rest - whole) * 1_000);
  const end = whole === 0 && fraction === 0 ? '' : `:${two(whole)}`;
  return `${two(hours)}:${two(minutes)}${end}${fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}`}`;
}
