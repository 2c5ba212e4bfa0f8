import { manifestKey, processedBucket, rawBucket, readOpenRows, type OpenRow, type ProcessedBucket } from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { transform, type TransformResult } from '../src/index.ts';
import { deletedRows, lateRows, quarantinedRows, starRows } from './processed.ts';
import { commitRaw, type RawOptions, type RawTexts } from './rawLog.ts';
import { address, counterparty, currency, department, design, order, staff } from './rows.ts';

/** All that an order points at but its design. */
const reference: RawTexts = {
  address: address.csv({ address_id: 1 }),
  counterparty: counterparty.csv({ counterparty_id: 1 }),
  currency: currency.csv({ currency_id: 1 }),
  department: department.csv({ department_id: 1 }),
  staff: staff.csv({ staff_id: 1 }),
};

class Lake {
  readonly rawStore = new MemoryStore();
  readonly store = new MemoryStore();
  readonly processed: ProcessedBucket = processedBucket(this.store);

  /** Commits a raw version and transforms it. */
  async add(tables: RawTexts, options: RawOptions = {}): Promise<TransformResult> {
    const raw = await commitRaw(this.rawStore, tables, options);
    const now = (): Date => new Date('2024-01-02T03:05:00Z');
    return transform({ raw, processed: this.processed, runId: 'run', codeVersion: 'test', now });
  }

  /** The id and the units of a version's orders, or of its late ones. */
  async orders(version: number, of = starRows): Promise<string[]> {
    const text = (await of(this.processed, await this.processed.log.read(version))).get('fact_sales_order') ?? '';
    const rows = text.split('\n').filter(Boolean);
    return rows.map((row) => row.split('\t')).map((cells) => `${cells[0]!}:${cells[7]!}`);
  }

  async ids(table: string, version: number, of = starRows): Promise<number[]> {
    const text = (await of(this.processed, await this.processed.log.read(version))).get(table) ?? '';
    return text
      .split('\n')
      .filter(Boolean)
      .map((row) => Number(row.split('\t')[0]));
  }

  async open(): Promise<OpenRow[]> {
    return readOpenRows(this.store, await this.processed.log.read(await this.processed.log.head()));
  }

  /** The open rows, as `status table key`. */
  async openKeys(): Promise<string[]> {
    return (await this.open()).map(({ status, table, key }) => `${status} ${table} ${key ?? '?'}`);
  }
}

let lake: Lake;
beforeEach(async () => {
  lake = new Lake();
  await lake.add({ ...reference, design: design.csv({ design_id: 1 }) });
});

describe('a row that was set aside', () => {
  test('leaves the list when it is mended in the source; what it was stays as history that is lacking', async () => {
    const bad = await lake.add({ sales_order: order.csv({ sales_order_id: 5, agreed_delivery_date: '2023-02-30' }) });
    expect(bad).toMatchObject({ quarantined: 1, waiting: 1 });
    const mended = await lake.add({ sales_order: order.csv({ sales_order_id: 5, units_sold: 2 }) });
    expect(mended).toMatchObject({ quarantined: 0, waiting: 0, rows: { fact_sales_order: 1 } });
    expect(await lake.openKeys()).toEqual(['superseded sales_order 5']);
  });

  test('of a dimension leaves no trace in the list when it is mended, because a dimension has no history', async () => {
    await lake.add({ currency: currency.csv({ currency_id: 7, currency_code: '' }) });
    expect(await lake.openKeys()).toEqual(['waiting currency 7']);
    await lake.add({ currency: currency.csv({ currency_id: 7 }) });
    expect(await lake.openKeys()).toEqual([]);
    expect((await lake.processed.log.read(3)).state).not.toHaveProperty('quarantine');
  });

  test('is tried again in each version, and says why it fails by now', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9, staff_id: 9 }) });
    expect((await lake.open())[0]?.reason).toBe('sales_order.staff_id 9 is not in dim_staff');
    const { quarantined, waiting } = await lake.add({ staff: staff.csv({ staff_id: 9 }) });
    expect({ quarantined, waiting }).toEqual({ quarantined: 0, waiting: 1 });
    expect((await lake.open())[0]?.reason).toBe('sales_order.design_id 9 is not in dim_design');
    expect(await lake.orders(3)).toEqual([]);
    await lake.add({ design: design.csv({ design_id: 9 }) });
    expect(await lake.orders(4)).toEqual(['5:1']);
    expect(await lake.open()).toEqual([]);
  });

  test('for its department comes when that does, and leaves the list then', async () => {
    await lake.add({ staff: staff.csv({ staff_id: 9, department_id: 9 }) });
    expect(await lake.openKeys()).toEqual(['waiting staff 9']);
    expect(await lake.ids('dim_staff', 2)).toEqual([]);
    const { waiting } = await lake.add({ department: department.csv({ department_id: 9 }) });
    expect(waiting).toBe(0);
    expect(await lake.ids('dim_staff', 3)).toEqual([9]);
    expect(await lake.open()).toEqual([]);
  });

  test('comes by a retry alone where its arrival did not reach the state, as with a rule that a release relaxed', async () => {
    await lake.add({ staff: staff.csv({ staff_id: 9, department_id: 9 }) });
    const { log } = lake.processed;
    const [first, second] = [await log.read(1), await log.read(2)];
    lake.store.objects.delete(manifestKey(2));
    await log.commit({ ...second, state: { ...second.state, staff: first.state.staff! } });
    await lake.add({ department: department.csv({ department_id: 9 }) });
    expect(await lake.ids('dim_staff', 3)).toEqual([9]);
    await lake.add({ department: department.csv({ department_id: 9, department_name: 'Renamed' }) });
    expect(await lake.ids('dim_staff', 4)).toEqual([9]);
  });

  test('for its department does not make the state be written again while it waits', async () => {
    await lake.add({ staff: staff.csv({ staff_id: 9, department_id: 9 }) });
    await lake.add({ design: design.csv({ design_id: 3 }) });
    const [before, after] = [await lake.processed.log.read(2), await lake.processed.log.read(3)];
    expect({ ...after.state, keys: undefined }).toEqual({ ...before.state, keys: undefined });
  });

  test('brings what waited for it in the same version', async () => {
    await lake.add({
      staff: staff.csv({ staff_id: 9, first_name: '' }),
      sales_order: order.csv({ sales_order_id: 5, staff_id: 9 }, { sales_order_id: 6, staff_id: 9 }),
    });
    expect(await lake.openKeys()).toEqual(['waiting staff 9', 'waiting sales_order 5', 'waiting sales_order 6']);
    const { waiting } = await lake.add({ staff: staff.csv({ staff_id: 9 }) });
    expect(waiting).toBe(0);
    expect(await lake.ids('dim_staff', 3)).toEqual([9]);
    expect(await lake.orders(3)).toEqual(['5:1', '6:1']);
  });

  test('that comes again as it was is there once', async () => {
    const bad = { sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) };
    await lake.add(bad);
    expect(await lake.add(bad)).toMatchObject({ quarantined: 1, waiting: 1 });
    expect(await lake.open()).toMatchObject([{ version: 3, status: 'waiting' }]);
  });

  test('with a line end, quotes and any letter in it, is read as it was', async () => {
    const name = '"Łódź, \\ ""the"" line\nand\r\nthe next 👜"';
    await lake.add({ staff: staff.csv({ staff_id: 9, department_id: 9, last_name: name }) });
    await lake.add({ department: department.csv({ department_id: 9 }) });
    const text = (await starRows(lake.processed, await lake.processed.log.read(3))).get('dim_staff');
    expect(text).toContain('Łódź, \\\\ "the" line\\nand\\r\\nthe next 👜');
    expect(await lake.open()).toEqual([]);
  });

  test('as JSON is read as JSON, whatever the format of today', async () => {
    await lake.add({ sales_order: order.json({ sales_order_id: 5, design_id: 9 }) }, { format: 'json' });
    await lake.add({ design: design.csv({ design_id: 9 }) });
    expect(await lake.orders(3)).toEqual(['5:1']);
  });

  test('stays, where its version has no column that the star needs by now', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) });
    const { log } = rawBucket(lake.rawStore);
    const manifest = await log.read(2);
    const table = manifest.tables.sales_order!;
    const columns = table.columns.filter(({ name }) => name !== 'units_sold');
    lake.rawStore.objects.delete(manifestKey(2));
    await log.commit({ ...manifest, tables: { sales_order: { ...table, columns } } });
    await lake.add({ design: design.csv({ design_id: 9 }) });
    expect(await lake.open()).toMatchObject([
      { status: 'waiting', reason: 'sales_order.units_sold is not among the columns of version 2' },
    ]);
  });
});

describe('history that is lacking', () => {
  /** Order 5 with one unit in version 2, two units in version 3, both without their designs. */
  async function twoBadVersions(): Promise<void> {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 8 }) });
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9, units_sold: 2 }) });
  }

  test('is not tried again by itself, and is late once it holds and a retry was asked for', async () => {
    await twoBadVersions();
    await lake.add({ design: design.csv({ design_id: 8 }) });
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, units_sold: 3 }) });
    expect(await lake.orders(5)).toEqual(['5:3']);
    expect(await lake.openKeys()).toEqual(['superseded sales_order 5', 'superseded sales_order 5']);
    const { rows, waiting } = await lake.add({}, { retry: true });
    expect({ rows, waiting }).toEqual({ rows: { fact_sales_order: 1 }, waiting: 0 });
    expect(await lake.orders(6)).toEqual([]);
    expect(await lake.orders(6, lateRows)).toEqual(['5:1']);
    expect(await lake.open()).toMatchObject([
      { version: 3, status: 'superseded', reason: 'sales_order.design_id 9 is not in dim_design' },
    ]);
  });

  test('comes in the order of its versions', async () => {
    await twoBadVersions();
    await lake.add({
      design: design.csv({ design_id: 8 }, { design_id: 9 }),
      sales_order: order.csv({ sales_order_id: 5, units_sold: 3 }),
    });
    await lake.add({}, { retry: true });
    expect(await lake.orders(5, lateRows)).toEqual(['5:1', '5:2']);
    expect(await lake.open()).toEqual([]);
  });

  test('is late also beside a row that waited and now comes into force', async () => {
    await twoBadVersions();
    await lake.add({ design: design.csv({ design_id: 8 }, { design_id: 9 }) }, { retry: true });
    expect(await lake.orders(4)).toEqual(['5:2']);
    expect(await lake.orders(4, lateRows)).toEqual(['5:1']);
  });

  test('brings the days that it points at', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 8, agreed_delivery_date: '1999-12-31' }) });
    await lake.add({ sales_order: order.csv({ sales_order_id: 5 }), design: design.csv({ design_id: 8 }) });
    await lake.add({}, { retry: true });
    expect(await lake.ids('dim_date', 4)).toHaveLength(365);
  });

  test('is not lacking where the row came again as it was and holds', async () => {
    const row = { sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) };
    await lake.add(row);
    await lake.add({ ...row, design: design.csv({ design_id: 9 }) });
    expect(await lake.orders(3)).toEqual(['5:1']);
    expect(await lake.open()).toEqual([]);
  });

  test('a retry that changes nothing commits an empty version', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) });
    const objects = lake.store.objects.size;
    expect(await lake.add({}, { retry: true })).toMatchObject({
      transformed: [3],
      rows: {},
      quarantined: 0,
      waiting: 1,
    });
    expect(lake.store.objects.size).toBe(objects + 1);
    const [before, after] = [await lake.processed.log.read(2), await lake.processed.log.read(3)];
    expect(after).toMatchObject({ tables: {}, state: before.state, quarantine: { rows: 0, objects: [], waiting: 1 } });
    expect([after.late, after.deleted]).toEqual([undefined, undefined]);
  });
});

describe('a deleted row', () => {
  test('that waits does not come any more; it is history that is lacking', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) });
    const deleted = { sales_order: 'sales_order_id\n5\n' };
    const { waiting } = await lake.add({ design: design.csv({ design_id: 9 }) }, { deleted });
    expect(waiting).toBe(0);
    expect(await lake.orders(3)).toEqual([]);
    expect(await lake.ids('fact_sales_order', 3, deletedRows)).toEqual([5]);
    expect(await lake.openKeys()).toEqual(['superseded sales_order 5']);
    await lake.add({}, { retry: true });
    expect(await lake.orders(4, lateRows)).toEqual(['5:1']);
  });

  test('of a dimension or of department that waits leaves the list', async () => {
    await lake.add({
      department: department.csv({ department_id: 8, department_name: '' }),
      staff: staff.csv({ staff_id: 9, department_id: 9 }),
      currency: currency.csv({ currency_id: 9, currency_code: '' }),
    });
    const deleted = {
      department: 'department_id\n8\n',
      staff: 'staff_id\n9\n',
      currency: 'currency_id\n9\n',
    };
    expect(await lake.add({}, { deleted, format: 'json' })).toMatchObject({ waiting: 0 });
    expect(await lake.open()).toEqual([]);
    expect(Object.keys((await lake.processed.log.read(3)).deleted ?? {}).sort()).toEqual(['dim_currency', 'dim_staff']);
  });

  test('stays deleted when its partner changes, and is back when it comes itself', async () => {
    await lake.add({}, { deleted: { staff: 'staff_id\n1\n' } });
    await lake.add({ department: department.csv({ department_id: 1, department_name: 'Renamed' }) });
    expect(await lake.ids('dim_staff', 3)).toEqual([1]);
    expect(await lake.ids('dim_staff', 3, deletedRows)).toEqual([1]);
    await lake.add({ staff: staff.csv({ staff_id: 1 }) });
    expect(await lake.ids('dim_staff', 4)).toEqual([1]);
    expect(await lake.ids('dim_staff', 4, deletedRows)).toEqual([]);
    await lake.add({ department: department.csv({ department_id: 1, department_name: 'Again' }) });
    expect(await lake.ids('dim_staff', 5, deletedRows)).toEqual([]);
  });

  test('can still be pointed at', async () => {
    await lake.add({}, { deleted: { design: 'design_id\n1\n', staff: 'staff_id\n1\n' } });
    await lake.add({ sales_order: order.csv({ sales_order_id: 5 }) });
    expect(await lake.orders(3)).toEqual(['5:1']);
  });

  test('whose key is not one stops the run, before anything is committed', async () => {
    await expect(lake.add({}, { deleted: { design: 'design_id\nx\n' } })).rejects.toThrow(
      'deleted-00000.csv.zst is to hold keys only: design_id "x" is not an integer of 32 bits',
    );
    expect(await lake.processed.log.head()).toBe(1);
  });
});

describe('a key', () => {
  test('that cannot be read waits under its text until the whole table is read', async () => {
    const bad = order.csv({ sales_order_id: 2 ** 31 }, { sales_order_id: 2 ** 31, units_sold: 2 });
    await lake.add({ sales_order: bad });
    expect(await lake.openKeys()).toEqual(['waiting sales_order ?', 'waiting sales_order ?']);
    await lake.add({ sales_order: order.csv({ sales_order_id: 2 ** 31 }) });
    expect(await lake.open()).toMatchObject([{ version: 2 }, { version: 3 }]);
    await lake.add({ sales_order: order.csv({ sales_order_id: 5 }) }, { capture: 'full' });
    expect(await lake.openKeys()).toEqual(['superseded sales_order ?', 'superseded sales_order ?']);
  });

  test('that cannot be read does not wait any more when the whole table has no row', async () => {
    await lake.add({ currency: currency.csv({ currency_id: 2 ** 31 }) });
    expect(await lake.openKeys()).toEqual(['waiting currency ?']);
    await lake.add({}, { emptied: ['currency'] });
    expect(await lake.openKeys()).toEqual([]);
  });

  test('that is there twice in one look has one row only, until it comes again', async () => {
    await lake.add({ sales_order: order.csv({ sales_order_id: 5 }, { sales_order_id: 5, units_sold: 2 }) });
    expect(await lake.orders(2)).toEqual(['5:1']);
    expect(await lake.open()).toMatchObject([{ status: 'waiting', repeated: true }]);
    await lake.add({}, { retry: true });
    expect(await lake.orders(3)).toEqual([]);
    await lake.add({ sales_order: order.csv({ sales_order_id: 5, units_sold: 3 }) });
    await lake.add({}, { retry: true });
    expect(await lake.orders(5, lateRows)).toEqual(['5:2']);
  });

  test('waits once, where two rows of it are bad in one look', async () => {
    const text = order.csv({ sales_order_id: 5, design_id: 9 }, { sales_order_id: 5, units_sold: 0.5 });
    expect(await lake.add({ sales_order: text })).toMatchObject({ quarantined: 2, waiting: 1 });
    expect(await lake.openKeys()).toEqual(['superseded sales_order 5', 'waiting sales_order 5']);
  });
});

test('many rows wait and come', async () => {
  const count = 12_000;
  const orders = Array.from({ length: count }, (_, i) => ({ sales_order_id: i, design_id: 9 }));
  expect(await lake.add({ sales_order: order.csv(...orders) })).toMatchObject({ quarantined: count, waiting: count });
  expect(await lake.add({ design: design.csv({ design_id: 9 }) })).toMatchObject({
    rows: { fact_sales_order: count },
    quarantined: 0,
    waiting: 0,
  });
  expect(await lake.ids('fact_sales_order', 3)).toEqual(orders.map(({ sales_order_id }) => sales_order_id));
});

test('a version made again, in one run or in several, has the same bytes', async () => {
  await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 8 }, { sales_order_id: 6, design_id: 9 }) });
  await lake.add(
    { sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) },
    { deleted: { staff: 'staff_id\n1\n' } },
  );
  await lake.add({ department: department.csv({ department_id: 1 }), design: design.csv({ design_id: 8 }) });
  await lake.add({ design: design.csv({ design_id: 9 }) }, { retry: true });
  const again = new Lake();
  for (const [key, body] of lake.rawStore.objects) again.rawStore.objects.set(key, body);
  await again.add({});
  await lake.add({});
  const bytes = (store: MemoryStore): string[] =>
    Array.from(store.objects, ([key, body]) => `${key} ${Buffer.from(body).toString('base64')}`).sort();
  expect(bytes(again.store)).toEqual(bytes(lake.store));
});

test('rows tried again are not set aside anew', async () => {
  await lake.add({ sales_order: order.csv({ sales_order_id: 5, design_id: 9 }) });
  await lake.add({ sales_order: order.csv({ sales_order_id: 6, design_id: 9 }) });
  const manifest = await lake.processed.log.read(3);
  expect(manifest.quarantine).toMatchObject({ rows: 1, total: 2, waiting: 2 });
  expect((await quarantinedRows(lake.processed, manifest)).map(({ key }) => key)).toEqual([6]);
});
