import { MemoryStore } from '../../test/memoryStore.ts';
import { requestLog, requestLook } from './requests.ts';

const now = new Date(Date.UTC(2026, 0, 31, 12));

test('requests are numbered, and each stands as it was asked', async () => {
  const store = new MemoryStore();
  const keys = { sales_order: [3, 1] };
  expect(await requestLook(store, { requestedBy: 'verify', keys }, { runId: 'a', now })).toBe(1);
  expect(await requestLook(store, { requestedBy: 'quarantine retry', retry: true }, { runId: 'b', now })).toBe(2);
  expect(await requestLog(store).read(1)).toMatchObject({ kind: 'request', requestedBy: 'verify', keys, runId: 'a' });
  expect(await requestLog(store).read(2)).toMatchObject({ retry: true, requestedAt: '2026-01-31T12:00:00.000Z' });
});

test('those who ask at once get a number each', async () => {
  const store = new MemoryStore();
  const asked = Array.from({ length: 8 }, (_, i) =>
    requestLook(store, { requestedBy: 'verify', keys: { payment: [i] } }, { runId: `run-${i}`, now }),
  );
  expect((await Promise.all(asked)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
