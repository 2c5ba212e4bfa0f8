import { describe, expect, test } from '@jest/globals';
import { facts, starTables, WarehouseMismatch } from '@totes/core';
import { nextStep } from './nextStep.ts';
import { truncateTables } from './sql/fill.ts';
import { declaredShape } from './sql/shape.ts';
import type { Survey } from './survey.ts';

const names = starTables.map(({ name }) => name);

/** A warehouse with the given versions of lakes, all tables there, those in `empty` without rows. */
function survey(
  versions: Readonly<Record<string, number>>,
  empty: readonly string[] = [],
  lost: readonly string[] = [],
): Survey {
  return {
    schema: { name: 'star', exists: true, creatable: true, user: 'loader' },
    relations: starTables.map((table) => ({ ...declaredShape(table), owned: true, uses: [], references: [] })),
    lakes: Object.entries(versions).map(([lakeId, version]) => ({ lakeId, version })),
    empty: new Set(empty),
    lost,
    emptying: truncateTables,
  };
}

describe('the next step', () => {
  test.each([
    ['an empty warehouse starts with version 1', survey({}, names), { version: 1, afresh: true }],
    ['one that is behind takes the next version', survey({ a: 2 }), { version: 3, afresh: false }],
    ['one that is there needs nothing', survey({ a: 5 }), undefined],
    ['one that is ahead of a stale lake needs nothing', survey({ a: 9 }), undefined],
    ['tables that never had rows are not lost', survey({ a: 2 }, names), { version: 3, afresh: false }],
    ['an emptied warehouse starts again', survey({ a: 5 }, names, ['dim_staff']), { version: 1, afresh: true }],
    [
      'dimensions alone need no ledger',
      survey(
        {},
        facts.map(({ name }) => name),
      ),
      { version: 1, afresh: true },
    ],
  ])('%s', (_, found, step) => {
    expect(nextStep(found, { lakeId: 'a', version: 5 })).toEqual(step);
  });

  test('a partly emptied warehouse is refused, with the statement that empties the rest', () => {
    expect(() => nextStep(survey({ a: 5 }, ['dim_staff'], ['dim_staff']), { lakeId: 'a', version: 5 })).toThrow(
      new WarehouseMismatch(
        'warehouse schema "star": dim_staff is empty, though etl.load_log says rows were loaded, and other tables hold rows. ' +
          `Restore what is gone, or empty the rest; load then rebuilds all from the lake: TRUNCATE ${names.map((name) => `"star"."${name}"`).join(', ')}`,
      ),
    );
  });

  test('another lake is refused, unless the tables were emptied', () => {
    expect(() => nextStep(survey({ b: 9 }), { lakeId: 'a', version: 5 })).toThrow(
      /^warehouse schema "star": it was loaded from lake b up to version 9; this is lake a\. Name the lake/,
    );
    expect(nextStep(survey({ b: 9 }), { lakeId: 'a', version: 5 }, true)).toEqual({ version: 1, afresh: false });
    const emptied = survey({ b: 9 }, names, ['dim_staff']);
    expect(nextStep(emptied, { lakeId: 'a', version: 5 })).toEqual({ version: 1, afresh: true });
  });

  test('facts that no ledger explains are refused', () => {
    expect(() => nextStep(survey({}, ['fact_payment']), { lakeId: 'a', version: 5 })).toThrow(
      /^warehouse schema "star": fact_sales_order, fact_purchase_order hold rows, but etl\.load_log has no load/,
    );
  });
});
