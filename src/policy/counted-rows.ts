import type { Call, TouchedData } from '../call.ts';

/** Rows in the answer of a tool. What an answer of another form holds is known by what the call touched. */
function rowsIn(answer: unknown): number {
  if (typeof answer !== 'object' || answer === null || !('rows' in answer)) return 0;
  return Array.isArray(answer.rows) ? answer.rows.length : 0;
}

/**
 * Does the work of a call, and counts the rows that it touches or returns, whichever are more: a row that is touched is
 * mostly one that is returned.
 * @param counted hears the sum when the work has ended, also when it has failed
 */
export async function countRows<T>(
  call: Call,
  work: (call: Call) => Promise<T>,
  counted: (rows: number) => void,
): Promise<T> {
  let [touched, returned] = [0, 0];
  const counting: Call = {
    ...call,
    touched(what: TouchedData) {
      touched += what.rows;
      call.touched?.(what);
    },
  };
  try {
    const answer = await work(counting);
    returned = rowsIn(answer);
    return answer;
  } finally {
    counted(Math.max(touched, returned));
  }
}
