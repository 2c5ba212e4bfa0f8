import { messageOf, parseDate, RatesInvalid } from '@totes/core';
import { SaxesParser } from 'saxes';
import { isWithdrawn, keyOf, type Rate } from './rate.ts';

/** What a file says. */
export interface Published {
  readonly rates: readonly Rate[];
  /** How many rates were left out of each currency that ISO 4217 has withdrawn. */
  readonly withdrawn: ReadonlyMap<string, number>;
}

const decimal = /^\d{1,15}(\.\d{1,15})?$/;

const remedy = "name one of the ECB's XML files, such as eurofxref-hist.xml (its CSV and zip files are not read)";

/** Where an element for a day stands, by local names; one for each currency stands in it. */
const dayPath = 'Envelope/Cube/Cube';
const ratePath = `${dayPath}/Cube`;

/**
 * Reads exchange rates in the ECB's format: in `gesmes:Envelope` and `Cube` a `Cube` for each day, with its `time`, and
 * in it one for each currency, with `currency` and `rate`. Values stay texts, and no entity is defined by the file.
 * https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html
 *
 * @param from where the text comes from, for messages
 * @throws RatesInvalid, with the line, where that is no such file or has no rate, or one of them cannot be
 */
export function readEcb(xml: string, from: string): Published {
  const rates: Rate[] = [];
  const withdrawn = new Map<string, number>();
  const seen = new Set<number>();
  const parser = new SaxesParser({ xmlns: true, position: true });
  const path: string[] = [];
  let day = '';
  const take = (rate: Rate): void => {
    const key = keyOf(rate);
    const wrong = whatIsWrong(rate) ?? (key !== undefined && seen.has(key) ? 'it is there twice' : undefined);
    if (wrong === undefined && isWithdrawn(rate.currency)) {
      withdrawn.set(rate.currency, (withdrawn.get(rate.currency) ?? 0) + 1);
    } else if (wrong === undefined && key !== undefined) {
      seen.add(key);
      rates.push(rate);
    } else {
      const why = wrong ?? 'ISO 4217 lists no such currency';
      throw new RatesInvalid(`${from}, line ${parser.line}, ${shown(rate)}: ${why}`);
    }
  };
  parser.on('opentag', ({ local, attributes: { time, currency, rate } }) => {
    path.push(local);
    const at = path.join('/');
    if (at === dayPath) day = time?.value ?? '';
    if (at === ratePath) take({ day, currency: currency?.value ?? '', rate: rate?.value ?? '' });
  });
  parser.on('closetag', () => path.pop());
  try {
    parser.write(xml).close();
  } catch (error) {
    if (error instanceof RatesInvalid) throw error;
    throw new RatesInvalid(`${from} is no XML, line ${messageOf(error).replace(/\.$/, '')}: ${remedy}`, {
      cause: error,
    });
  }
  if (rates.length > 0) return { rates, withdrawn };
  throw new RatesInvalid(`${from} has no exchange rate in the ECB's format: ${remedy}`);
}

function whatIsWrong({ day, rate }: Rate): string | undefined {
  const text = Buffer.from(day);
  if (Number.isNaN(parseDate(text, 0, text.length))) return 'its day is no date YYYY-MM-DD';
  return decimal.test(rate) && /[1-9]/.test(rate)
    ? undefined
    : 'that is no positive decimal (up to 15 digits on each side of the point)';
}

/** Names a rate, in as much of its own words as a line of a log can take. */
const shown = ({ day, currency, rate }: Rate): string => {
  const short = (text: string): string => JSON.stringify(text.slice(0, 40));
  return `rate ${short(rate)} of currency ${short(currency)}, day ${short(day)}`;
};
