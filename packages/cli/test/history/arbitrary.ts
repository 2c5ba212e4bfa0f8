import fc from 'fast-check';
import { tableNames, type History, type Session, type Stamp, type Step, type TableName, type Values } from './step.ts';
import { pools } from './values.ts';

/** More writes to facts than to any other kind of table, and to partners that are joined than to those that are not. */
const table = fc.constantFrom<TableName[]>(
  ...tableNames,
  ...(['sales_order', 'sales_order', 'sales_order', 'purchase_order', 'payment', 'payment'] as const),
  ...(['staff', 'department', 'counterparty', 'address'] as const),
);
const key = fc.constantFrom(1, 1, 2, 2, 3, 4, 5);
/** Of what is inserted, half are the partners that rows may wait for. */
const newKey = fc.constantFrom(1, 2, 3, 4, 4, 4, 4, 5);
const session = fc.constantFrom<Session[]>(0, 0, 1, 1, 2);
const transaction = fc.constantFrom<Session[]>(1, 1, 2);
const stamp = fc.constantFrom<Stamp[]>('kept', 'new', 'new', 'past', 'tied');

/** A value for each column of a table, or for one or two of them. */
const row = (of: TableName): fc.Arbitrary<Values> =>
  fc.record(Object.fromEntries(Object.entries(pools[of]).map(([name, values]) => [name, fc.constantFrom(...values)])));
const some = (of: TableName): fc.Arbitrary<Values> =>
  fc
    .subarray(Object.keys(pools[of]), { minLength: 1, maxLength: Math.min(2, Object.keys(pools[of]).length) })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...pools[of][name]!)]))));

const write: fc.Arbitrary<Step> = table.chain((of) => {
  const where = { session, table: fc.constant(of), key };
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('insert' as const), ...where, key: newKey, values: row(of) }) },
    { weight: 7, arbitrary: fc.record({ do: fc.constant('update' as const), ...where, values: some(of), stamp }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), ...where }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rekey' as const), ...where, to: key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lock' as const), ...where }) },
  );
});

const control: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('savepoint', 'savepoint', 'rollbackTo', 'release', 'commit', 'commit', 'abort', 'prepare'),
    session: transaction,
  }),
  fc.record({ do: fc.constantFrom('commitPrepared', 'commitPrepared', 'abortPrepared') }),
);

const runs = fc.constantFrom(1 as const, 1 as const, 1 as const, 2 as const);
const stage: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        do: fc.constant('ingest' as const),
        format: fc.constantFrom('csv' as const, 'json' as const),
        runs,
        meanwhile: fc.array(fc.oneof(write, control), { maxLength: 3 }),
      })
      // Of two runs, either may look after the others.
      .map((step) => (step.runs === 1 ? step : { ...step, meanwhile: [] })),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('transform' as const), runs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('load' as const), runs }) },
);

const wish: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      table,
      keys: fc.oneof(fc.uniqueArray(key, { minLength: 1, maxLength: 3 }), fc.constant([1, 2, 3, 4, 5])),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'retry' }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: write },
  { weight: 5, arbitrary: control },
  { weight: 6, arbitrary: stage },
  { weight: 3, arbitrary: wish },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const), table, without: fc.constantFrom(0, 1, 2) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'vacuum' }) },
);

/** Any history. */
export const history: fc.Arbitrary<History> = fc.record({
  stocked: fc.constantFrom(true, true, true, true, true, false),
  steps: fc.array(step, { minLength: 4, maxLength: 40, size: 'max' }),
  again: fc.constantFrom('nothing' as const, 'transform' as const, 'load' as const, 'all' as const),
  endsWith: fc.constantFrom('commit' as const, 'commit' as const, 'abort' as const),
});
