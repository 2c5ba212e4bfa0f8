import { identifier, type Fact } from '@totes/core';
import { retiredTable } from '../retired.ts';

/**
 * The version in force of the business id that `staged` has: the one with the greatest record key, those left out that
 * were superseded when they came in. A subquery for LATERAL: no row where there is none.
 */
export function inForce(schema: string, fact: Fact): string {
  const [key, recordKey] = [identifier(fact.key), identifier(fact.recordKey)];
  return `SELECT * FROM ${identifier(schema, fact.name)} AS version
    WHERE version.${key} = staged.${key} AND NOT EXISTS (
      SELECT 1 FROM ${identifier(schema, retiredTable(fact)!.name)} AS late
      WHERE late.${recordKey} = version.${recordKey} AND late.reason = 'superseded'
    )
    ORDER BY version.${recordKey} DESC LIMIT 1`;
}
