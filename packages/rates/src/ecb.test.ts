import { RatesInvalid } from '@totes/core';
import { ecbFile } from '../test/ecbFile.ts';
import { readEcb } from './ecb.ts';

const from = 'https://rates.example/hist.xml';
const day = { time: '2026-11-20', rates: { USD: '1.0562', JPY: '162.90' } };

function refusal(xml: string): string {
  try {
    readEcb(xml, from);
  } catch (error) {
    expect(error).toBeInstanceOf(RatesInvalid);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

test('every rate of every day is read, its decimal as it is written', () => {
  expect(readEcb(ecbFile(day, { time: '2026-11-19', rates: { USD: '1.0500' } }), from).rates).toEqual([
    { day: '2026-11-20', currency: 'USD', rate: '1.0562' },
    { day: '2026-11-20', currency: 'JPY', rate: '162.90' },
    { day: '2026-11-19', currency: 'USD', rate: '1.0500' },
  ]);
});

test('what ISO 4217 does not list any more is left out and counted, also where it was replaced under the same value', () => {
  const file = ecbFile(
    { time: '2004-12-31', rates: { TRL: '1836200', USD: '1.3621', CYP: '0.5800' } },
    { time: '2004-12-30', rates: { TRL: '1827000' } },
  );
  const { rates, withdrawn } = readEcb(file, from);
  expect(rates).toHaveLength(1);
  expect(withdrawn).toEqual(
    new Map([
      ['TRL', 2],
      ['CYP', 1],
    ]),
  );
});

test.each([
  ['a currency that ISO never had', { ...day, rates: { QQQ: '1' } }, /rate "1" of currency "QQQ".*lists no such/],
  ['a rate of nothing', { ...day, rates: { USD: '0.000' } }, /line 6, rate "0.000".*no positive decimal/],
  ['a negative rate', { ...day, rates: { USD: '-1' } }, /no positive decimal/],
  ['a rate that is no number', { ...day, rates: { USD: 'N/A' } }, /rate "N\/A"/],
  ['a rate in floating point', { ...day, rates: { USD: '1e3' } }, /no positive decimal/],
  ['a rate without end', { ...day, rates: { USD: '9'.repeat(1000) } }, /rate "9{40}" of/],
  ['no rate', { ...day, rates: { USD: '' } }, /no positive decimal/],
  ['a day that is none', { ...day, time: '2026-02-30' }, /day "2026-02-30": its day is no date/],
  ['no day', { ...day, time: '' }, /its day is no date/],
])('%s is refused by name', (_, bad, message) => {
  expect(refusal(ecbFile(bad))).toMatch(message);
  expect(refusal(ecbFile(bad))).toContain(`${from}, line `);
});

test('a rate that is there twice is refused: one of the two would be lost', () => {
  expect(refusal(ecbFile(day, day))).toMatch(/"USD".*: it is there twice/);
});

test.each([
  ['a file that was cut off', ecbFile(day).slice(0, -20), /is no XML, line /],
  ['a page of HTML', '<!doctype html><html><body><p>Gone<br></body></html>', /is no XML, line /],
  ['another XML', '<Envelope><Cube><Cube time="2026-11-20"></Cube></Cube></Envelope>', /has no exchange rate/],
  ['nothing', '', /is no XML/],
  ["the ECB's CSV", 'Date,USD,CYP,\n2026-11-20,1.0562,N/A,\n', /is no XML, line .*: name .*XML files.*CSV and zip/],
  ['an entity that the file defines', `<!DOCTYPE a [<!ENTITY x "1">]><a>&x;</a>`, /is no XML, line .*entity/],
])('%s is no file of rates', (_, xml, message) => {
  expect(refusal(xml)).toMatch(message);
});
