import type { McpServer } from '@modelcontextprotocol/server';

/** The objects in which the SDK keeps what is registered, by the names that clients ask for. */
const tables = [
  '_registeredTools',
  '_registeredPrompts',
  '_registeredResources',
  '_registeredResourceTemplates',
];

/** A copy that has its own names only: `__proto__` and `constructor` are not in it. */
export function ownNamesOnly<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null), object);
}

/** So that a client which asks for a tool or prompt named `__proto__` or `constructor` is told that there is none. */
export function forgetInheritedNames(server: McpServer): void {
  for (const name of tables) {
    const table: unknown = Reflect.get(server, name);
    if (typeof table === 'object' && table !== null) Object.setPrototypeOf(table, null);
  }
}
