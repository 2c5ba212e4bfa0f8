import { expect, test } from '@jest/globals';
import { isNarrower } from './narrower.ts';

const stamp = (fraction: number): string => `timestamp(${fraction}) without time zone`;
const anyStamp = 'timestamp without time zone';

test.each([
  ['integer', 'integer'],
  ['smallint', 'integer'],
  ['smallint', 'bigint'],
  ['integer', 'bigint'],
  ['smallint', 'numeric(5,0)'],
  ['integer', 'numeric'],
  ['integer', 'numeric(10,0)'],
  ['integer', 'numeric(12,2)'],
  ['bigint', 'numeric(19,0)'],
  ['numeric(9,0)', 'integer'],
  ['numeric(5,-4)', 'integer'],
  ['numeric(10,2)', 'numeric'],
  ['numeric(10,2)', 'numeric(12,4)'],
  ['numeric(10,2)', 'numeric(11,2)'],
  ['numeric(5,-2)', 'numeric(7,0)'],
  ['character varying(20)', 'character varying(21)'],
  ['character varying(20)', 'character varying'],
  ['character varying(20)', 'text'],
  ['character varying', 'text'],
  ['text', 'character varying'],
  ['character(3)', 'character varying(3)'],
  ['date', 'text'],
  ['uuid', 'character varying'],
  ['public.price', 'text'],
  ["public.kind('SALE','PURCHASE')", "public.kind('PURCHASE','SALE','GIFT')"],
  ["public.kind('SALE','PURCHASE')", "other.kind('SALE','PURCHASE')"],
  ["public.kind('SALE','PURCHASE')", "public.kind('SOLD','PURCHASE')"],
  ['text', "public.kind('SALE')"],
  ["public.kind('SALE','PURCHASE')", 'character varying(8)'],
  ["public.kind('größe 👜')", 'character varying(7)'],
  [`public.kind('it''s','a,b','c)', E'd\\\\e')`, `public.kind2(E'd\\\\e','c)','it''s','a,b')`],
  [stamp(3), stamp(6)],
  [stamp(3), anyStamp],
  [stamp(6), anyStamp],
  [anyStamp, stamp(6)],
  ['public.price', 'public.price'],
])('%s has room in %s', (before, now) => {
  expect(isNarrower(before, now)).toBe(false);
});

test.each([
  ['bigint', 'integer'],
  ['integer', 'smallint'],
  ['integer', 'numeric(9,0)'],
  ['integer', 'numeric(10,2)'],
  ['numeric', 'integer'],
  ['numeric', 'numeric(30,10)'],
  ['numeric(10,0)', 'integer'],
  ['numeric(5,1)', 'integer'],
  ['numeric(12,4)', 'numeric(10,2)'],
  ['numeric(12,4)', 'numeric(12,2)'],
  ['numeric(10,2)', 'numeric(10,4)'],
  ['numeric(6,0)', 'numeric(6,-1)'],
  ['text', 'character varying(1000)'],
  ['character varying', 'character varying(1000)'],
  ['character varying(20)', 'character varying(10)'],
  ['character(4)', 'character varying(3)'],
  ['text', 'date'],
  ['text', 'integer'],
  ['integer', "public.kind('SALE')"],
  ['integer', 'character varying(20)'],
  ['numeric', 'boolean'],
  ["public.kind('SALE','PURCHASE')", 'character varying(7)'],
  [anyStamp, stamp(3)],
  [stamp(6), stamp(3)],
  [stamp(3), 'date'],
  ['public.price', 'numeric(12,2)'],
  ['constructor', 'numeric'],
])('%s may not have room in %s', (before, now) => {
  expect(isNarrower(before, now)).toBe(true);
});
