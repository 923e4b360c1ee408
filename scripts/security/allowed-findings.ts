export interface AllowedFinding {
  readonly rule: string;
  readonly path: string;
  /** How often it may be found in this file: one more is looked at again. */
  readonly times: number;
  readonly reason: string;
}
export const allowedFindings: readonly AllowedFinding[] = [];
