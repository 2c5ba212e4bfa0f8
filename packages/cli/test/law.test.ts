import { aShop, testHundredHistories } from './history/hold.ts';
import { kept } from './history/kept.ts';
import { play } from './history/play.ts';

/**
 * The law of the pipeline: whatever happens in the source, however it is cut into runs and whichever stages run when,
 * the warehouse shows what the looks saw. `scripts/attacks/histories.ts` plays thousands.
 */
const shop = aShop();

test.each(kept)('$what', async ({ history }) => {
  await play(shop(), history);
});

testHundredHistories(shop, 42);
