import { type ChosenExports, isMadeBy } from './exports.ts';

export const isChosen = (
  { callers, before }: ChosenExports,
  { id, at }: { readonly id: string; readonly at: number },
): boolean =>
  (callers?.some((caller) => isMadeBy(id, { id: caller })) ?? true) && (before === undefined || at < before);
