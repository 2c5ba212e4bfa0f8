import { aShop, testHundredHistories } from './history/hold.ts';

/** The law of `law.test.ts` on further histories, which another of Jest's workers can play meanwhile. */
testHundredHistories(aShop(), 43);
