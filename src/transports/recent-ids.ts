/** Of more the oldest are forgotten. */
const maxRecent = 10_000;

export interface RecentIds {
  add(id: string): void;
  has(id: string): boolean;
  remove(id: string): void;
}

/** The last 10,000 ids that were added. */
export function createRecentIds(): RecentIds {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    remove: (id) => void ids.delete(id),
    add(id) {
      ids.delete(id);
      ids.add(id);
      for (const oldest of ids) {
        if (ids.size <= maxRecent) break;
        ids.delete(oldest);
      }
    },
  };
}
