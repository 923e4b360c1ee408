/** A figure that the platform asks for, or a fact that must hold. */
export interface Promised {
  readonly what: string;
  readonly kept: boolean;
  readonly measured: string;
}

/** @param limit in the same unit as the value, which has to be below it */
export const below = (what: string, value: number, limit: number, unit: string): Promised => ({
  what: `${what} < ${limit} ${unit}`,
  kept: value < limit,
  measured: `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`,
});

export const fact = (what: string, kept: boolean, measured: string): Promised => ({ what, kept, measured });

export const mebibyte = 2 ** 20;
