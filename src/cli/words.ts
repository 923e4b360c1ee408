/** What on the command line does what a tool does for a model. */
const commands: Readonly<Record<string, string>> = {
  list_collections: '`hydrogen collections`',
  describe_collection: '`hydrogen describe COLLECTION`',
  list_workflows: '`hydrogen workflows`',
  list_documents: '`hydrogen list`',
  list_sources: '`hydrogen sources`',
  create_index: '`hydrogen indexes COLLECTION --create KEY`',
};

/** The words of a tool for a person at the command line: commands and options instead of tools and arguments. */
export function inCommands(text: string): string {
  return (
    text
      .replace(
        / ?Repeat the call with cursor "([^"]+)"\.(.*)$/s,
        '$2\nFor more, repeat the command with --cursor $1',
      )
      .replace('list_workflows shows its schema', '`hydrogen workflows --json` shows its schema')
      .replace(/Name one as "database" to see its collections\./, 'Name one with --database.')
      // What stands in quotation marks is a name or a value of the user's.
      .replace(/"[^"]*"|\b[a-z]+_[a-z]+\b/g, (name) => commands[name] ?? name)
  );
}
