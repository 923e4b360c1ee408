/** The source of documents that were added inline: they have no origin, and their ids begin with this. */
export const inlineSource = 'inline';
