import type { Question } from '../call.ts';

/** Ends a call whose question is answered by another call: what is to be asked. Not a failure. */
export class QuestionPending extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super("waiting for a person's answer");
    this.name = 'QuestionPending';
    this.question = question;
  }
}
