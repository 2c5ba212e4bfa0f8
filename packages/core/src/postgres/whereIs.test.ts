import { expect, test } from '@jest/globals';
import pg from 'pg';
import { whereIs } from './whereIs.ts';

test.each([
  ['postgres://me:secret@db.example:6543/star', 'postgres://me@db.example:6543/star'],
  ['postgres://me:secret@db.example/my%20star', 'postgres://me@db.example:5432/my%20star'],
  ['postgres://me@/star?host=/run/postgresql', 'postgres://me@/star?host=/run/postgresql&port=5432'],
])('%s', (url, where) => {
  expect(whereIs(new pg.Client(url))).toBe(where);
});
