import fc from 'fast-check';
import { differences } from './compare.ts';
import { openBench, type Bench } from './pipelineTest.ts';

/**
 * Random rows through the whole path, in both raw formats, compared with the source text for text. Each round adds to
 * the same source and warehouse, so that every round is also a delta on all that came before.
 */
let bench: Bench;
beforeAll(async () => {
  bench = await openBench(3);
  // Microseconds, as a source newer than totesys would keep.
  for (const table of ['sales_order', 'purchase_order', 'payment']) {
    await bench.source.query(
      `ALTER TABLE ${table} ALTER created_at TYPE timestamp(6), ALTER last_updated TYPE timestamp(6)`,
    );
  }
  await bench.run();
});
afterAll(() => bench.close());

const awkward = [
  '',
  '\\N',
  'NULL',
  'null',
  '\\.',
  '"',
  '""',
  "'",
  ',',
  '\t',
  '\n',
  '\r\n',
  '\\',
  '\\\\n',
  ' ',
  '007',
  'Łódź 東京 😀',
  '{}',
  '\u0001',
];
const text = fc
  .oneof(
    fc.constantFrom(...awkward),
    fc
      .array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary' })), { maxLength: 6 })
      .map((parts) => parts.join('')),
  )
  .map((value) => value.replaceAll('\0', '').toWellFormed());
const optionalText = fc.option(text, { nil: null });
const anyInteger = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0));

const digits = (most: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{0,${most}}$`));
/** Any numeric: up to 60 digits before the point and 40 after, of any display scale. */
const numeric = fc
  .tuple(fc.boolean(), digits(60), digits(40))
  .map(
    ([negative, whole, part]) => `${negative ? '-' : ''}${whole === '' ? '0' : whole}${part === '' ? '' : `.${part}`}`,
  );
const price = fc.integer({ min: -(10 ** 10) + 1, max: 10 ** 10 - 1 }).map((cents) => (cents / 100).toFixed(2));

const instant = {
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
};
const date = fc.date(instant).map((value) => value.toISOString().slice(0, 10));
const timestamp = fc
  .tuple(fc.date(instant), fc.nat(999))
  .map(([value, micros]) => `${value.toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}`);

interface Row {
  readonly texts: string[];
  readonly optionalTexts: (string | null)[];
  readonly integers: number[];
  readonly numerics: string[];
  readonly price: string;
  readonly dates: string[];
  readonly timestamps: string[];
  readonly flag: boolean;
}
const row: fc.Arbitrary<Row> = fc.record({
  texts: fc.array(text, { minLength: 12, maxLength: 12 }),
  optionalTexts: fc.array(optionalText, { minLength: 4, maxLength: 4 }),
  integers: fc.array(anyInteger, { minLength: 2, maxLength: 2 }),
  numerics: fc.array(numeric, { minLength: 2, maxLength: 2 }),
  price,
  dates: fc.array(date, { minLength: 5, maxLength: 5 }),
  timestamps: fc.array(timestamp, { minLength: 6, maxLength: 6 }),
  flag: fc.boolean(),
});

async function insert(table: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(values);
  await bench.source.query(
    `INSERT INTO ${table} (${names.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(values),
  );
}

let nextId = 1000;

/** One row of every table, each pointing at the others of its kind. */
async function insertAll({
  texts: t,
  optionalTexts: o,
  integers: i,
  numerics: n,
  price: unit_price,
  dates: d,
  timestamps: s,
  flag,
}: Row) {
  const id = nextId++;
  await insert('address', {
    address_id: id,
    address_line_1: t[0],
    address_line_2: o[0],
    district: o[1],
    city: t[1],
    postal_code: t[2],
    country: t[3],
    phone: t[4],
  });
  await insert('department', { department_id: id, department_name: t[5], location: o[2], manager: o[3] });
  await insert('staff', { staff_id: id, first_name: t[6], last_name: t[7], department_id: id, email_address: t[8] });
  await insert('counterparty', { counterparty_id: id, counterparty_legal_name: t[9], legal_address_id: id });
  await insert('currency', { currency_id: id, currency_code: Array.from(t[10]!).slice(0, 3).join('') });
  await insert('design', { design_id: id, design_name: t[11], file_location: t[0], file_name: t[1] });
  await insert('payment_type', { payment_type_id: id, payment_type_name: t[2] });
  const order = {
    staff_id: id,
    counterparty_id: id,
    currency_id: id,
    agreed_delivery_date: d[0],
    agreed_payment_date: d[1],
    agreed_delivery_location_id: id,
  };
  await insert('sales_order', {
    sales_order_id: id,
    design_id: id,
    units_sold: i[0],
    unit_price,
    ...order,
    created_at: s[0],
    last_updated: s[1],
  });
  await insert('purchase_order', {
    purchase_order_id: id,
    item_code: t[3],
    item_quantity: i[1],
    item_unit_price: n[0],
    ...order,
    created_at: s[2],
    last_updated: s[3],
  });
  await insert('transaction', {
    transaction_id: id,
    transaction_type: t[4],
    sales_order_id: flag ? id : null,
    purchase_order_id: flag ? null : id,
  });
  await insert('payment', {
    payment_id: id,
    transaction_id: id,
    counterparty_id: id,
    payment_amount: n[1],
    currency_id: id,
    payment_type_id: id,
    paid: flag,
    payment_date: d[2],
    company_ac_number: 1,
    counterparty_ac_number: 2,
    created_at: s[4],
    last_updated: s[5],
  });
}

test('every value reaches the warehouse as it is', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
      for (const each of rows) await insertAll(each);
      const result = await bench.run('--raw-format', round++ % 2 === 0 ? 'csv' : 'json');
      expect(result.quarantined).toBe(0);
      expect(result.read.payment).toBe(rows.length);
      expect(await differences(bench.source, bench.warehouse)).toEqual([]);
    }),
    { numRuns: 30, seed: 20221103, endOnFailure: true },
  );
});
