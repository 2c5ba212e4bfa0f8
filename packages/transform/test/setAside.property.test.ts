import fc from 'fast-check';
import { processedBucket, type ProcessedBucket } from '@totes/core';
import { MemoryStore } from '../../core/test/memoryStore.ts';
import { transform } from '../src/index.ts';
import { deletedRows, lateRows, starRows } from './processed.ts';
import { commitRaw } from './rawLog.ts';
import { address, counterparty, currency, department, design, order, staff } from './rows.ts';

/**
 * The law of what is set aside: whatever arrives, is deleted and becomes whole in whatever order, the newest state of an
 * order is in force as soon as it holds, no state comes twice, and after a retry every state that holds is in history.
 */
const designs = [1, 2, 3] as const;

/** What befalls an order in a version. */
const fate = fc.oneof(
  fc.constant({ kind: 'nothing' } as const),
  fc.constant({ kind: 'deleted' } as const),
  fc.record({
    kind: fc.constant('arrives' as const),
    design: fc.constantFrom(...designs),
    date: fc.constantFrom('2023-05-07', '2023-05-08', '2023-02-30'),
  }),
);
const version = fc.record({
  /** By order, the first one being order 1. */
  fates: fc.tuple(fate, fate, fate),
  designs: fc.subarray([...designs], { maxLength: 1 }),
  retry: fc.boolean(),
});

type Version = typeof version extends fc.Arbitrary<infer T> ? T : never;

/** A state of an order, known by its number, which is its units. */
interface State {
  readonly serial: number;
  readonly design: number;
  readonly date: string;
}

/** What the source and the warehouse ought to hold, told from the versions alone. */
class Model {
  readonly designs = new Set<number>();
  /** All states of each order, and the newest one while the source has it. */
  readonly states: State[] = [];
  readonly newest = new Map<number, State>();
  /** The state of each order that shows in the warehouse. */
  readonly inForce = new Map<number, number>();

  apply({ fates, designs: added }: Version): void {
    for (const id of added) this.designs.add(id);
    for (const [i, is] of fates.entries()) {
      if (is.kind === 'arrives') {
        this.states.push({ serial: this.states.length + 1, ...is });
        this.newest.set(i + 1, this.states.at(-1)!);
      } else if (is.kind === 'deleted') {
        this.newest.delete(i + 1);
        this.inForce.delete(i + 1);
      }
    }
    for (const [key, state] of this.newest) if (this.holds(state)) this.inForce.set(key, state.serial);
  }

  holds = (state: State): boolean => this.designs.has(state.design) && state.date !== '2023-02-30';

  get waiting(): number {
    return [...this.newest.values()].filter((state) => !this.holds(state)).length;
  }
}

/** What a warehouse holds into which the processed versions are loaded. */
class Warehouse {
  readonly inForce = new Map<number, number>();
  readonly history: number[] = [];

  async load(processed: ProcessedBucket, number: number): Promise<void> {
    const manifest = await processed.log.read(number);
    const late = cells((await lateRows(processed, manifest)).get('fact_sales_order')).map((row) => row[7]!);
    expect(late).toEqual(late.toSorted((a, b) => a - b));
    this.history.push(...late);
    for (const row of cells((await starRows(processed, manifest)).get('fact_sales_order'))) {
      this.inForce.set(row[0]!, row[7]!);
      this.history.push(row[7]!);
    }
    for (const [key] of cells((await deletedRows(processed, manifest)).get('fact_sales_order'))) {
      this.inForce.delete(key!);
    }
  }
}

/** COPY text as numbers; what is none is of no interest. */
const cells = (text = ''): number[][] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('\t').map(Number));

const reference = {
  address: address.csv({}),
  counterparty: counterparty.csv({}),
  currency: currency.csv({}),
  department: department.csv({}),
  staff: staff.csv({}),
};

/** The raw rows of a version whose states the model has taken in. */
function rawOf({ fates, designs: added }: Version, { newest }: Model): Record<string, string> {
  const orders = [...newest]
    .filter(([key]) => fates[key - 1]?.kind === 'arrives')
    .map(([key, { serial, design: id, date }]) => ({
      sales_order_id: key,
      units_sold: serial,
      design_id: id,
      agreed_delivery_date: date,
    }));
  return {
    ...(orders.length > 0 && { sales_order: order.csv(...orders) }),
    ...(added.length > 0 && { design: design.csv(...added.map((id) => ({ design_id: id }))) }),
  };
}

test('the newest state that holds is in force, and after a retry nothing that holds is lacking', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 8 }), async (versions) => {
      const rawStore = new MemoryStore();
      const processed = processedBucket(new MemoryStore());
      const model = new Model();
      const warehouse = new Warehouse();
      const nothing = { kind: 'nothing' } as const;
      const last: Version = { fates: [nothing, nothing, nothing], designs: [], retry: true };
      await commitRaw(rawStore, reference);
      for (const [i, each] of [...versions, last].entries()) {
        model.apply(each);
        const keys = each.fates.flatMap(({ kind }, key) => (kind === 'deleted' ? [`${key + 1}\n`] : []));
        const deleted = keys.length > 0 ? { sales_order: `sales_order_id\n${keys.join('')}` } : {};
        const raw = await commitRaw(rawStore, rawOf(each, model), { retry: each.retry, deleted });
        const now = (): Date => new Date('2024-01-02T03:05:00Z');
        const { waiting } = await transform({ raw, processed, runId: 'run', codeVersion: 'test', now });
        await warehouse.load(processed, i + 2);

        expect(warehouse.inForce).toEqual(model.inForce);
        expect(waiting).toBe(model.waiting);
        expect(new Set(warehouse.history).size).toBe(warehouse.history.length);
        if (!each.retry) continue;
        const whole = model.states.filter(model.holds).map(({ serial }) => serial);
        expect(warehouse.history.toSorted((a, b) => a - b)).toEqual(whole);
      }
    }),
    { numRuns: 25, seed: 42, endOnFailure: true },
  );
});
