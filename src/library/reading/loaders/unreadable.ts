/** A file that a loader cannot make sense of; the message is the reason it is skipped. */
export class Unreadable extends Error {}
