/** Why a definition cannot be run: a JSON pointer into it and a one-line reason. */
export interface Problem {
  readonly place: string;
  readonly reason: string;
}

/** A part of a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function problemText({ place, reason }: Problem): string {
  return place === '' ? reason : `${place}: ${reason}`;
}
