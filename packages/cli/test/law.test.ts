import fc from 'fast-check';
import { history } from './history/arbitrary.ts';
import { kept } from './history/kept.ts';
import { play } from './history/play.ts';
import { openShop, type Shop } from './history/shop.ts';

/**
 * The law of the pipeline: whatever happens in the source, however it is cut into runs and whichever stages run when,
 * the warehouse shows what the looks saw. `scripts/attacks/histories.ts` plays thousands.
 */
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

test.each(kept)('$what', async ({ history }) => {
  await play(shop, history);
});

test('of two hundred random histories', async () => {
  const property = fc.asyncProperty(history, async (each) => {
    await play(shop, each);
  });
  await fc.assert(property, { numRuns: 200, seed: 42 });
}, 1_800_000);
