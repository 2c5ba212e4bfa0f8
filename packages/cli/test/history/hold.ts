import fc from 'fast-check';
import { history } from './arbitrary.ts';
import { play } from './play.ts';
import { openShop, type Shop } from './shop.ts';

/** A shop for the tests of a file. To be asked for once they run. */
export function aShop(): () => Shop {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());
  return () => shop;
}

/** Plays a hundred random histories, the same ones for the same seed. */
export function testHundredHistories(shop: () => Shop, seed: number): void {
  test(`of a hundred random histories, seed ${seed}`, async () => {
    const property = fc.asyncProperty(history, async (each) => {
      await play(shop(), each);
    });
    await fc.assert(property, { numRuns: 100, seed });
  }, 1_800_000);
}
