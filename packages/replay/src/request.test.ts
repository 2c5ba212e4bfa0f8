import { ConfigInvalid } from '@totes/core';
import { replayRequest } from './request.ts';

test('a choice that is not named is false, whatever else the event holds', () => {
  const neither = { fromRaw: false, replaceOtherLake: false };
  for (const event of [undefined, null, {}, { run: 'nightly' }, 'text']) expect(replayRequest(event)).toEqual(neither);
  expect(replayRequest({ run: 'x', fromRaw: true })).toEqual({ ...neither, fromRaw: true });
  expect(replayRequest({ replaceOtherLake: true, fromRaw: false })).toEqual({ ...neither, replaceOtherLake: true });
});

test('a choice that is neither true nor false is refused', () => {
  expect(() => replayRequest({ fromRaw: 'no' })).toThrow(new ConfigInvalid('fromRaw must be true or false, not "no"'));
  expect(() => replayRequest({ replaceOtherLake: 1 })).toThrow(ConfigInvalid);
});
