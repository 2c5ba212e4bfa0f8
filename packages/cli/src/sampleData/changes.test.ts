import fc from 'fast-check';
import { newName } from './changes.ts';
import { random } from './random.ts';

test('a new name differs from the old one and never grows beyond one ending', () => {
  const endings = [' Ltd', ' plc', ', Sons & Co'];
  fc.assert(
    fc.property(fc.string(), fc.maxSafeInteger(), (base, seed) => {
      fc.pre(!endings.some((ending) => base.endsWith(ending)));
      const source = random(seed);
      let name = base;
      for (let round = 0; round < 5; round++) {
        const next = newName(name, endings, source);
        expect(next).not.toBe(name);
        expect(endings.map((ending) => base + ending)).toContain(next);
        name = next;
      }
    }),
  );
});
