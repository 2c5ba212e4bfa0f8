import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  ConfigInvalid,
  FolderStore,
  LakeCorrupt,
  ManifestUnsupported,
  processedBucket,
  rawBucket,
  readOpenRows,
  type ObjectStore,
} from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { runTransform } from '../src/container.ts';
import { pool, transform, type LargeVersion, type TransformAnswer, type TransformResult } from '../src/index.ts';
import { inTurn, type SliceRunner } from '../src/slices/runner.ts';
import { quarantinedRows, starRows } from './processed.ts';
import { commitRaw, type RawOptions, type RawTexts } from './rawLog.ts';
import { address, counterparty, currency, department, design, order, purchase, staff } from './rows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totes-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const reference: RawTexts = {
  address: address.csv({}),
  counterparty: counterparty.csv({}),
  currency: currency.csv({}),
  department: department.csv({}),
  design: design.csv({}),
  staff: staff.csv({}),
};

/** A lake, and the function in the cloud that transforms it where it is of two folders. */
class Lake {
  readonly rawStore: ObjectStore;
  readonly store: ObjectStore;
  #calls = 0;

  constructor(rawStore: ObjectStore, store: ObjectStore) {
    this.rawStore = rawStore;
    this.store = store;
  }

  async add(tables: RawTexts, options: RawOptions = {}): Promise<void> {
    await commitRaw(this.rawStore, tables, options);
  }

  /** As the command line does it. */
  transform(runSlices: SliceRunner = inTurn): Promise<TransformResult> {
    const [raw, processed] = [rawBucket(this.rawStore), processedBucket(this.store)];
    return transform({ raw, processed, runId: 'here', codeVersion: 'now', now: () => new Date(0), runSlices });
  }

  call(event: unknown = {}, codeVersion = 'now'): Promise<TransformAnswer> {
    const env = { RAW_BUCKET: this.rawStore.uri, PROCESSED_BUCKET: this.store.uri, CODE_VERSION: codeVersion };
    return runTransform(env, () => `run-${++this.#calls}`, event);
  }

  slice({ folder }: LargeVersion, number: number, codeVersion?: string): Promise<TransformAnswer> {
    return this.call({ slices: { task: 'slice', folder, number } }, codeVersion);
  }

  commit({ folder }: LargeVersion): Promise<TransformAnswer> {
    return this.call({ fanOut: true, slices: { task: 'commit', folder } });
  }

  /** The numbers that the state machine hands out. */
  async items(large: LargeVersion): Promise<number[]> {
    return JSON.parse(String(Buffer.from((await this.store.get(large.items))!))) as number[];
  }

  /** All versions, without what says when and by whom they were made. */
  async versions(): Promise<unknown[]> {
    const { log } = processedBucket(this.store);
    const versions: unknown[] = [];
    for (let version = await log.head(); version > 0; version--) {
      const ofTheRun = { runId: undefined, committedAt: undefined, codeVersion: undefined };
      versions.unshift({ ...(await log.read(version)), ...ofTheRun });
    }
    return versions;
  }

  /** What the versions bring, wherever in the raw log it comes from. */
  async contents(): Promise<unknown[]> {
    const processed = processedBucket(this.store);
    const contents: unknown[] = [];
    for (let version = await processed.log.head(); version > 0; version--) {
      const manifest = await processed.log.read(version);
      const rowsOf = async (rows: Promise<readonly object[]>) =>
        (await rows).map((row) => ({ ...row, object: undefined, row: undefined }));
      contents.unshift({
        rows: await starRows(processed, manifest),
        quarantine: { ...manifest.quarantine, objects: undefined },
        setAside: await rowsOf(quarantinedRows(processed, manifest)),
        open: await rowsOf(readOpenRows(this.store, manifest)),
      });
    }
    return contents;
  }
}

const isLarge = (answer: TransformAnswer): answer is LargeVersion => 'folder' in answer;

async function largeOf(lake: Lake): Promise<LargeVersion> {
  const answer = await lake.call({ fanOut: true });
  if (!isLarge(answer)) throw new Error(`no version was left: ${JSON.stringify(answer)}`);
  return answer;
}

const folders = (name: string, raw: ObjectStore = new FolderStore(folder, `${name}-raw`)): Lake =>
  new Lake(raw, new FolderStore(folder, name));

const orderOf = (sales_order_id: number, agreed_delivery_date = '2023-05-07'): string =>
  order.csv({ sales_order_id, agreed_delivery_date });

/** Slices of an order each. */
const ordersIn = (slices: number): RawTexts => ({
  sales_order: Array.from({ length: slices }, (_, n) => orderOf(n + 1)),
});

/** Rows of few orders, so that keys meet each other, of which some hold and some do not. */
const row = fc.record({
  sales_order_id: fc.constantFrom<number | string>(1, 2, 3, 4, 5, 'x'),
  design_id: fc.constantFrom(1, 1, 2),
  agreed_delivery_date: fc.constantFrom('2023-05-07', '2024-01-08', '2023-02-30'),
  units_sold: fc.integer({ min: 1, max: 9 }),
});
const version = fc.record({
  slices: fc.array(fc.array(row, { maxLength: 3 }), { minLength: 9, maxLength: 11 }),
  bringsDesign: fc.boolean(),
  retry: fc.boolean(),
});

/** Adds a version to the raw log; `asSlices` makes the objects of it. */
const addTo = (
  lake: Lake,
  { slices, bringsDesign, retry }: typeof version extends fc.Arbitrary<infer T> ? T : never,
  isCut: boolean,
): Promise<void> => {
  const sales_order = isCut ? slices.map((rows) => order.csv(...rows)) : order.csv(...slices.flat());
  return lake.add({ sales_order, ...(bringsDesign && { design: design.csv({ design_id: 2 }) }) }, { retry });
};

test('rows in many objects are transformed as in one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 2 }), async (versions) => {
      const contents: unknown[] = [];
      for (const isCut of [true, false]) {
        const lake = new Lake(new MemoryStore(), new MemoryStore());
        await lake.add(reference);
        for (const each of versions) await addTo(lake, each, isCut);
        await lake.transform();
        contents.push(await lake.contents());
      }
      expect(contents[0]).toEqual(contents[1]);
    }),
    { numRuns: 12, seed: 8, endOnFailure: true },
  );
});

describe('in the cloud', () => {
  const fates = ['done', 'done twice', 'done at once', 'not done', 'done by another release'] as const;
  const misfortune = fc.array(fc.constantFrom(...fates), { minLength: 11, maxLength: 11 });
  const sorting = fc.array(fc.nat(), { minLength: 11, maxLength: 11 });

  test('a version is the same by calls in any order, of which some are repeated or missing', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(version, version), misfortune, sorting, async (versions, befalls, sortKeys) => {
        const name = `law-${++runs}`;
        const here = folders(name);
        await here.add(reference);
        for (const each of versions) await addTo(here, each, true);
        const cloud = folders(`${name}-cloud`, here.rawStore);
        await here.call();
        let answer = await cloud.call({ fanOut: true });
        for (; isLarge(answer); answer = await cloud.commit(answer)) {
          const numbers = await cloud.items(answer);
          numbers.sort((a, b) => sortKeys[a]! - sortKeys[b]!);
          for (const number of numbers) await befall(cloud, answer, number, befalls[number]!);
        }
        expect(answer).toMatchObject({ version: 3, transformed: [1, 2, 3] });
        expect(await cloud.versions()).toEqual(await here.versions());
      }),
      { numRuns: 2, seed: 8, endOnFailure: true },
    );
  });

  async function befall(lake: Lake, at: LargeVersion, number: number, fate: (typeof fates)[number]): Promise<void> {
    if (fate === 'not done') return;
    const taken = lake.slice(at, number, fate === 'done by another release' ? 'before' : undefined);
    if (fate === 'done at once') await lake.slice(at, number);
    await taken;
    if (fate === 'done twice') await lake.slice(at, number);
  }

  test('a version of eight slices is not left, nor any where slices are not asked for', async () => {
    const lake = folders('small');
    await lake.add({ ...reference, ...ordersIn(7), purchase_order: purchase.csv({}) });
    expect(await lake.call({ fanOut: true })).toMatchObject({ version: 1, transformed: [1] });
    await lake.add(ordersIn(9));
    expect(await lake.call({ fanOut: false })).toMatchObject({ version: 2, transformed: [2] });
    expect(await lake.call('a hint')).toMatchObject({ version: 2, transformed: [] });
  });

  test('what came before a large version is told by the call that commits it', async () => {
    const lake = folders('large');
    await lake.add({ ...reference, sales_order: orderOf(7, '2023-02-30') });
    await lake.add({ ...ordersIn(9), purchase_order: purchase.csv({}, { purchase_order_id: 2 }) });
    await lake.add(ordersIn(10));
    const first = await lake.call({ fanOut: true });
    const items = 'slices/run-1/slices.json';
    expect(first).toEqual({ version: 1, folder: 'slices/run-1', items, slices: 10 });
    expect(await lake.items(first as LargeVersion)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const taken = { version: 2, table: 'fact_sales_order', rows: 1, bytes: expect.any(Number) as number };
    expect(await lake.slice(first as LargeVersion, 3)).toEqual(taken);
    expect(await lake.slice(first as LargeVersion, 9)).toMatchObject({ table: 'fact_purchase_order', rows: 2 });
    expect(await processedBucket(lake.store).log.head()).toBe(1);
    const second = await lake.commit(first as LargeVersion);
    expect(second).toMatchObject({ version: 2, slices: 10 });
    const last = await lake.commit(second as LargeVersion);
    expect(last).toMatchObject({
      ...{ version: 3, transformed: [1, 2, 3], quarantined: 1, waiting: 0 },
      rows: { fact_sales_order: 19, fact_purchase_order: 2 },
    });
    const { log } = processedBucket(lake.store);
    const keys = (await log.read(2)).tables.fact_sales_order!.map(({ key }) => /v2[/](.*)-/.exec(key)?.[1]);
    expect(keys.slice(0, 2)).toEqual(['slice-00000-part-00000', 'slice-00001-part-00000']);
  });

  test('a slice that cannot be transformed fails the commit, which has less to do when it is repeated', async () => {
    const lake = folders('damaged');
    await lake.add({ ...reference, ...ordersIn(9) });
    const left = await largeOf(lake);
    const key = (await rawBucket(lake.rawStore).log.read(1)).tables.sales_order!.objects[5]!.key;
    const path = join(lake.rawStore.uri, key);
    await rename(path, `${path}-away`);
    await expect(lake.slice(left, 5)).rejects.toThrow(LakeCorrupt);
    await lake.slice(left, 8);
    await expect(lake.commit(left)).rejects.toThrow(LakeCorrupt);
    const done = (): Promise<string[]> => lake.store.list(`${left.folder}/done-`);
    expect((await done()).map((name) => name.slice(-10))).toEqual(
      [0, 1, 2, 3, 4, 8].map((number) => `0000${number}.json`),
    );
    await rename(`${path}-away`, path);
    expect(await lake.commit(left)).toMatchObject({ transformed: [1], rows: { fact_sales_order: 9 } });
    expect(await done()).toHaveLength(9);
    // The answer to the first call may have been lost.
    expect(await lake.commit(left)).toMatchObject({ version: 1, transformed: [] });
  });

  test('a version that another run has transformed meanwhile is left as it is', async () => {
    const lake = folders('overtaken');
    await lake.add({ ...reference, ...ordersIn(9) });
    const left = await largeOf(lake);
    await lake.slice(left, 0);
    expect(await lake.call()).toMatchObject({ version: 1, transformed: [1] });
    await lake.slice(left, 1);
    await lake.add(ordersIn(1));
    expect(await lake.commit(left)).toMatchObject({ version: 2, transformed: [2], rows: { fact_sales_order: 1 } });
  });

  test('a plan of another release is made anew by the commit, and no slice of it is done', async () => {
    const lake = folders('release');
    await lake.add({ ...reference, ...ordersIn(9) });
    const left = { ...(await largeOf(lake)), folder: 'slices/other' };
    await lake.store.putIfAbsent(`${left.folder}/plan.json`, Buffer.from('{"planFormat":0}'));
    await expect(lake.slice(left, 0)).rejects.toThrow(ManifestUnsupported);
    const again = await lake.commit(left);
    expect(again).toMatchObject({ version: 0, slices: 9 });
    expect(await lake.commit(again as LargeVersion)).toMatchObject({ version: 1, transformed: [1] });
  });

  test('a call for what is not there says so', async () => {
    const lake = folders('nonsense');
    await lake.add({ ...reference, ...ordersIn(9) });
    const left = await largeOf(lake);
    await expect(lake.slice(left, 9)).rejects.toThrow(/slices[.]json has no slice 9: there are 9/);
    await expect(lake.commit({ ...left, folder: 'slices/none' })).rejects.toThrow(LakeCorrupt);
    for (const slices of [
      null,
      1,
      { task: 'slice', folder: left.folder },
      { task: 'commit', folder: 'slices/../log' },
    ]) {
      await expect(lake.call({ slices })).rejects.toThrow(ConfigInvalid);
    }
  });
});

describe('in threads', () => {
  test('a version is the same', async () => {
    const here = folders('here');
    const threads = folders('threads', here.rawStore);
    await here.add({ ...reference, ...ordersIn(5), purchase_order: [purchase.csv({}), purchase.csv({}, {})] });
    await here.add({ sales_order: [orderOf(3, '2023-02-30'), orderOf(3), orderOf(4, 'never')] });
    await here.transform();
    expect(await threads.transform(pool(2, 0))).toMatchObject({ transformed: [1, 2], quarantined: 4, waiting: 2 });
    expect(await threads.versions()).toEqual(await here.versions());
  });

  test('the error of a thread is the one that it would be here', async () => {
    const lake = folders('broken');
    await lake.add({ ...reference, ...ordersIn(3) });
    const key = (await rawBucket(lake.rawStore).log.read(1)).tables.sales_order!.objects[1]!.key;
    await rm(join(lake.rawStore.uri, key));
    await expect(lake.transform(pool(2, 0))).rejects.toThrow(LakeCorrupt);
  });

  test('few rows, or one slice, take none', async () => {
    // No thread could open these stores.
    const lake = new Lake(new MemoryStore('s3://_'), new MemoryStore('s3://_'));
    await lake.add({ ...reference, ...ordersIn(3) });
    expect(await lake.transform(pool(2))).toMatchObject({ transformed: [1] });
    await lake.add(ordersIn(1));
    expect(await lake.transform(pool(2, 0))).toMatchObject({ transformed: [2] });
  });
});
