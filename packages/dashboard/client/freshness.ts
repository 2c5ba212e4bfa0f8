import type { Report } from '../src/data.ts';
import { find } from './dom.ts';
import { count } from './numbers.ts';
import { show } from './view.ts';

/** How fresh the figures are: a line at the top, and the latest loads. */
export function showFreshness({ loads }: Report): void {
  const [last] = loads;
  find('#fresh').textContent =
    last === undefined
      ? 'Nothing was loaded into this warehouse yet.'
      : `As read from totesys ${last.sourceRead.slice(0, 16)} UTC, warehouse version ${count(BigInt(last.version))}`;
  show('loads', {
    says:
      last === undefined
        ? 'No loads.'
        : `Version ${count(BigInt(last.version))} was in the warehouse ${last.secondsBehind} seconds after totesys was read. ` +
          `Rows set aside since the lake began, because they broke a rule: ${count(BigInt(last.setAside))}.`,
    table: {
      texts: 3,
      head: ['Version', 'Source read', 'Loaded', 'Seconds between', 'Rows loaded', 'Rows set aside so far', 'Warnings'],
      rows: loads.map((load) => [
        count(BigInt(load.version)),
        load.sourceRead,
        load.loaded,
        load.secondsBehind,
        count(BigInt(load.rowsLoaded)),
        count(BigInt(load.setAside)),
        load.warnings,
      ]),
    },
  });
}
