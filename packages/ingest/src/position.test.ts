import { expect, test } from '@jest/globals';
import { SourceRefused } from '@totes/core';
import { checkServerVersion } from './position.ts';

test('PostgreSQL 13 is new enough, 12 is refused by name', () => {
  expect(() => {
    checkServerVersion('postgres://reader@shop:5432/totesys', 130_000, '13.0');
  }).not.toThrow();
  const older = (): void => {
    checkServerVersion('postgres://reader@shop:5432/totesys', 120_022, '12.22');
  };
  expect(older).toThrow(SourceRefused);
  expect(older).toThrow(
    'source postgres://reader@shop:5432/totesys is PostgreSQL 12.22; PostgreSQL 13 or newer is needed',
  );
});
