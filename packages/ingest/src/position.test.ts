import { expect, test } from '@jest/globals';
import { SourceRefused } from '@totes/core';
import { checkServerVersion } from './position.ts';

test('PostgreSQL 13 is new enough, 12 is refused by name', () => {
  expect(() => {
    checkServerVersion(130_000, '13.0');
  }).not.toThrow();
  const older = (): void => {
    checkServerVersion(120_022, '12.22');
  };
  expect(older).toThrow(SourceRefused);
  expect(older).toThrow('the source is PostgreSQL 12.22; PostgreSQL 13 or newer is needed');
});
