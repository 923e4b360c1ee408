import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createAudit } from '../../src/audit/audit.ts';
import { placeIn } from '../../src/audit/chain.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { settings } from '../../src/config.ts';
import type { Logger } from '../../src/observability/log.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

interface HeadLine {
  readonly audit: string;
  readonly seq: number;
  readonly head: string;
}

async function audited(auditHeadMs: number) {
  const directory = await temporaryDirectory();
  const file = createEmbeddedStore(directory, 1);
  const log = createEmbeddedAuditLog(file);
  const lines: HeadLine[] = [];
  const logger = Object.assign(createLog('silent'), {
    info: (line: HeadLine) => void lines.push(line),
    error: (line: HeadLine) => void lines.push(line),
  }) as unknown as Logger;
  const audit = createAudit(settings.parse({ auditKey: newAuditKey(), auditHeadMs }), log, logger);
  const request = { kind: 'tool', action: 'call', name: 'insert', operation: 'write', needs: [] } as const;
  return {
    ...{ audit, directory, lines, log },
    change: () => audit.middleware?.(request, testCall(), async () => {}),
    async close() {
      await audit.close();
      await file.close();
    },
  };
}

test('while the record grows, the log says from time to time how far it is, signed', async () => {
  const { audit, lines, log, change, close } = await audited(10);
  await change();
  while (lines.at(-1)?.seq !== 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const { entry } = await log.end(testCall());
  expect(lines.at(-1)).toMatchObject({ audit: 'head', seq: 2 });
  expect(placeIn(lines.at(-1)?.head ?? '', audit.keys)).toEqual({ seq: 2, code: entry?.code });
  await close();
});

test('the last head is logged at the end, and none twice', async () => {
  const { lines, change, close } = await audited(3_600_000);
  await change();
  await change();
  await close();
  expect(lines.map(({ seq }) => seq)).toEqual([4]);
});

test('where nothing was recorded there is nothing to log', async () => {
  const { lines, close } = await audited(10);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await close();
  expect(lines).toEqual([]);
});

test('a server whose last records are removed while it runs says so in its log, with what it had written', async () => {
  const { audit, directory, lines, change, close } = await audited(3_600_000);
  await change();
  await change();
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  db.exec('DELETE FROM audit WHERE seq > 1');
  db.close();
  await change();
  expect(lines).toMatchObject([{ audit: 'cut', seq: 1 }]);
  expect(placeIn(lines[0]?.head ?? '', audit.keys).seq).toBe(4);
  await close();
});
