/** What the server says of itself (`INFO`) that makes it lose what is queued; undefined where it keeps everything. */
export function caveatOf(info: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  const isKept = /^aof_enabled:1/m.test(info);
  const losses = [
    ...(policy === undefined || policy === 'noeviction'
      ? []
      : [`it evicts keys when it is full (maxmemory-policy ${policy}; noeviction keeps them)`]),
    ...(isKept ? [] : ['it writes no append-only file (appendonly no), so a crash loses what is queued']),
  ];
  return losses.length === 0
    ? undefined
    : `${losses.join(', and ')}: runs are then found late, and none is lost`;
}
