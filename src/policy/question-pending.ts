import type { Question } from '../call.ts';

/** Ends a call whose question will be answered by another call. Not a failure. */
export class QuestionPending extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super("waiting for a person's answer");
    this.name = 'QuestionPending';
    this.question = question;
  }
}
