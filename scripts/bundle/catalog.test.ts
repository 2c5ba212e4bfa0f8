import { TrinoSQL } from 'dt-sql-parser';
import { starTables } from '../../packages/core/src/index.ts';
import { catalog } from './catalog.ts';

const { log, tables, views } = catalog();

test('the catalogue has every table of the star, and its views', () => {
  expect(Object.keys(tables)).toEqual(starTables.map(({ name }) => name));
  const names = starTables.flatMap((table) => (table.kind === 'fact' ? [table.name, table.currentView] : [table.name]));
  expect(Object.keys(views)).toEqual(['lake_objects', ...names]);
  expect(log.columns.map(({ name }) => name)).toContain('compacted');
});

test('the text of views is SQL of Trino', () => {
  const parser = new TrinoSQL();
  // One of each kind: they are made alike, and this parser takes its time.
  const names = ['lake_objects', 'dim_date', 'dim_currency', 'fact_payment', 'current_payment'];
  const errors = names.flatMap((name) =>
    parser
      .validate(`CREATE VIEW x AS ${views[name]!.sql}`)
      .map(({ message, startLine }) => `${name}, line ${startLine}: ${message}`),
  );
  expect(errors).toEqual([]);
  expect(parser.validate('SELECT FROM WHERE')).not.toEqual([]);
});

test('columns have types of Hive and Trino, and say what they hold', () => {
  expect(tables.fact_purchase_order!.columns.filter(({ name }) => /price|created|version/.test(name))).toEqual([
    { name: 'created_date', type: 'date', comment: 'the date of purchase_order.created_at' },
    {
      name: 'created_time',
      type: 'bigint',
      comment: 'the time of day of purchase_order.created_at, in microseconds since midnight',
    },
    {
      name: 'item_unit_price',
      type: 'decimal(38,10)',
      comment: 'purchase_order.item_unit_price; NULL where it does not fit',
    },
    {
      name: 'item_unit_price_exact',
      type: 'string',
      comment: 'purchase_order.item_unit_price, as text where the number is not all',
    },
    { name: 'version', type: 'int', comment: 'the version of the row, where its object has rows of several' },
  ]);
  const of = (view: string): Record<string, string> =>
    Object.fromEntries(views[view]!.columns.map(({ name, trino }) => [name, trino]));
  expect(of('fact_sales_order')).toMatchObject({ unit_price: 'decimal(10,2)', version: 'bigint', in_force: 'boolean' });
  expect(of('dim_staff')).toMatchObject({ staff_id: 'integer', first_name: 'varchar', deleted: 'boolean' });
  // Glue takes comments of up to 255 characters.
  const comments = [...Object.values(tables), ...Object.values(views), log].flatMap(({ columns }) => columns);
  expect(comments.filter(({ comment }) => comment.length > 255)).toEqual([]);
});
