import fc from 'fast-check';
import type { RawFormat } from '../lake/manifest.ts';
import { boolean, decimal, integer, numeric, text, time, date, type ColumnType } from '../tables/types.ts';
import { copyText } from '../../test/copyText.ts';
import { decode, type DecodedBatch, type Projected } from './decode.ts';
import type { Reading } from './readColumn.ts';

const column = (
  name: string,
  type: ColumnType,
  reading: Reading = 'value',
  source = name,
  nullable = false,
): Projected => ({
  name,
  type,
  nullable,
  source,
  reading,
});

async function* chunked(text: string, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let rest = Buffer.from(text);
  for (const size of sizes) {
    yield rest.subarray(0, size);
    rest = rest.subarray(size);
  }
  yield rest;
  await Promise.resolve();
}

async function batches(
  raw: string,
  projection: readonly Projected[],
  format: RawFormat = 'csv',
  columns: string[] = projection.map(({ source }) => source),
  sizes: readonly number[] = [],
): Promise<DecodedBatch[]> {
  const all: DecodedBatch[] = [];
  for await (const batch of decode(chunked(raw, sizes), { format, columns }, projection)) all.push(batch);
  return all;
}

const asCopyText = (all: readonly DecodedBatch[]): string =>
  all.map((batch) => Array.from(copyText(batch), (chunk) => Buffer.from(chunk).toString()).join('')).join('');

const everyKind = [
  column('id', integer),
  column('label', text, 'value', 'label', true),
  column('flag', boolean),
  column('price', decimal(10, 2)),
  column('amount', numeric),
  column('day', date, 'parsedDate'),
  column('made_date', date, 'dateOf', 'made'),
  column('made_time', time, 'timeOf', 'made'),
];

const csvRows = [
  'id,label,flag,price,amount,day,made',
  '1,plain,t,1.50,0.1,2023-01-31,2022-11-03 14:20:52.186',
  '-2147483648,"a ""quoted"", comma",f,-0.01,-12.345678901234567890,0001-01-01,2022-11-03 00:00:00',
  '2147483647,"",t,99999999.99,12345678901234567890123456789012345678901234567890.5,9999-12-31,1999-12-31 23:59:59.999999',
  '4,,f,0.00,7,2024-02-29,2022-11-03 14:20:52',
  '5,"line',
  'break\\N\ttab",t,2,12.50,2023-01-01,2022-11-03 14:20:52.1',
  '6,"Łódź, 東京 O\'Brien",t,2.00,0,2023-01-01,2022-11-03 14:20:52',
  '',
].join('\n');

const jsonRows = [
  '{"id":1,"label":"plain","flag":true,"price":1.50,"amount":0.1,"day":"2023-01-31","made":"2022-11-03T14:20:52.186"}',
  '{"id":-2147483648,"label":"a \\"quoted\\", comma","flag":false,"price":-0.01,"amount":-12.345678901234567890,"day":"0001-01-01","made":"2022-11-03T00:00:00"}',
  '{"id":2147483647,"label":"","flag":true,"price":99999999.99,"amount":12345678901234567890123456789012345678901234567890.5,"day":"9999-12-31","made":"1999-12-31T23:59:59.999999"}',
  '{"id":4,"label":null,"flag":false,"price":0.00,"amount":7,"day":"2024-02-29","made":"2022-11-03T14:20:52"}',
  '{"id":5,"label":"line\\nbreak\\\\N\\ttab","flag":true,"price":2,"amount":12.50,"day":"2023-01-01","made":"2022-11-03T14:20:52.1"}',
  '{"id":6,"label":"\\u0141\\u00f3d\\u017a, 東\\u4eac O\'Brien","flag":true,"price":2.00,"amount":0,"day":"2023-01-01","made":"2022-11-03T14:20:52"}',
  '',
].join('\n');

const expected = [
  ['1', 'plain', 't', '1.50', '0.1', '2023-01-31', '2022-11-03', '14:20:52.186000'],
  ['-2147483648', 'a "quoted", comma', 'f', '-0.01', '-12.345678901234567890', '0001-01-01', '2022-11-03', '00:00:00'],
  [
    '2147483647',
    '',
    't',
    '99999999.99',
    '12345678901234567890123456789012345678901234567890.5',
    '9999-12-31',
    '1999-12-31',
    '23:59:59.999999',
  ],
  ['4', '\\N', 'f', '0.00', '7', '2024-02-29', '2022-11-03', '14:20:52'],
  ['5', 'line\\nbreak\\\\N\\ttab', 't', '2.00', '12.50', '2023-01-01', '2022-11-03', '14:20:52.100000'],
  ['6', "Łódź, 東京 O'Brien", 't', '2.00', '0', '2023-01-01', '2022-11-03', '14:20:52'],
]
  .map((row) => `${row.join('\t')}\n`)
  .join('');

test.each([
  ['csv', csvRows],
  ['json', jsonRows],
] as const)('%s: every kind of value comes out as it went in, wherever the bytes are cut', async (format, raw) => {
  const columns = ['id', 'label', 'flag', 'price', 'amount', 'day', 'made'];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(300), { maxLength: 12 }), async (sizes) => {
      const all = await batches(raw, everyKind, format, columns, sizes);
      expect(all.flatMap(({ faults }) => faults)).toEqual([]);
      expect(asCopyText(all)).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

test('rows larger than a block, and many blocks', async () => {
  const long = 'x'.repeat(1_500_000);
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${i % 7 === 0 ? '' : `name ${i}`}`);
  rows.splice(30_000, 0, `-1,${long}`);
  const raw = ['id,label', ...rows, ''].join('\n');
  const sizes = Array.from({ length: 40 }, () => 65_537);
  const all = await batches(
    raw,
    [column('id', integer), column('label', text, 'value', 'label', true)],
    'csv',
    [],
    sizes,
  );
  expect(all.length).toBeGreaterThan(1);
  expect(asCopyText(all)).toBe(rows.map((row) => `${row.replace(/,$/, ',\\N').replace(',', '\t')}\n`).join(''));
  expect(all.map(({ firstRow }) => firstRow)).toEqual(
    all.map((_, i) => all.slice(0, i).reduce((n, b) => n + b.rows, 0)),
  );
});

test('columns are found by name, whatever their order, and others are passed over', async () => {
  const projection = [column('b', text), column('a', integer)];
  const [csv] = await batches('extra,a,"b ""x"""\n"[1,""]""]",1,one\n', [
    column('b', text, 'value', 'b "x"'),
    column('a', integer),
  ]);
  expect(asCopyText([csv!])).toBe('one\t1\n');
  const line = '{"extra":{"k":["]}",{"x":"\\""}]},"a":1,"b":"one"}\n';
  const reordered = '{"b":"two","extra":[],"a":2}\n';
  const [json] = await batches(line + reordered, projection, 'json', ['extra', 'a', 'b']);
  expect(asCopyText([json!])).toBe('one\t1\ntwo\t2\n');
});

describe('a row that breaks a rule is a fault, with its raw text, and the others stand', () => {
  test.each([
    ['x,,t,1,1,2023-01-01,2023-01-01 00:00:00', 'id "x" is not an integer of 32 bits'],
    ['2147483648,,t,1,1,2023-01-01,2023-01-01 00:00:00', 'id "2147483648" is not an integer of 32 bits'],
    ['99999999999,,t,1,1,2023-01-01,2023-01-01 00:00:00', 'id "99999999999" is not an integer of 32 bits'],
    ['1,,true?,1,1,2023-01-01,2023-01-01 00:00:00', 'flag "true?" is not a boolean'],
    ['1,,x,1,1,2023-01-01,2023-01-01 00:00:00', 'flag "x" is not a boolean'],
    ['1,,t,1.005,1,2023-01-01,2023-01-01 00:00:00', 'price "1.005" does not fit numeric(10,2)'],
    ['1,,t,abc,1,2023-01-01,2023-01-01 00:00:00', 'price "abc" is not a number'],
    ['1,,t,1,NaN,2023-01-01,2023-01-01 00:00:00', 'amount "NaN" is not a number'],
    ['1,,t,1,1,2023-02-30,2023-01-01 00:00:00', 'day "2023-02-30" is not a date'],
    ['1,,t,1,1,2023-01-01,infinity', 'made "infinity" is not a timestamp of the years 1 to 9999'],
    ['1,,t,1,1,2023-01-01,2023-02-30 00:00:00', 'made "2023-02-30 00:00:00" is not a timestamp of the years 1 to 9999'],
    ['1,,t,1,,2023-01-01,2023-01-01 00:00:00', 'amount is NULL, which the star does not allow there'],
    ['1,,t,,1,2023-01-01,2023-01-01 00:00:00', 'price is NULL, which the star does not allow there'],
    [',"a""b",t,,1,2023-01-01,2023-01-01 00:00:00', 'id is NULL, which the star does not allow there'],
  ])('%s', async (bad, reason) => {
    const good = '7,ok,t,1.00,1.00,2023-01-01,2023-01-01 00:00:00';
    const raw = ['id,label,flag,price,amount,day,made', good, bad, good, ''].join('\n');
    const [batch] = await batches(raw, everyKind);
    expect(batch!.faults).toEqual([{ row: 1, reason }]);
    expect(batch!.rawRow(1)).toBe(bad);
    expect([batch!.rawRow(0), batch!.rawRow(2)]).toEqual([good, good]);
  });
});

describe('bytes that break the format are refused', () => {
  const two = [column('a', text, 'value', 'a', true), column('b', text, 'value', 'b', true)];
  test.each([
    ['csv', 'a,b\n1,2\n3', 'the object ends within row 2'],
    ['csv', 'a,b\n1,"2', 'the object ends within row 1'],
    ['csv', 'a,b', 'the object ends within row 1'],
    ['csv', 'a,b\n1\n', 'a row has 1 cells where the header has 2'],
    ['csv', 'a,b\n1,2,3\n', 'a row has more than 2 cells'],
    ['csv', 'a,b\n"1"x,2\n', 'a closing quote is not followed by a comma or a line end'],
    ['csv', 'a,c\n1,2\n', 'the object has no column b'],
    ['json', '{"a":1,"b":2}\n{"a":1', 'the object ends within row 2'],
    ['json', '{"a":1,"c":2}\n', 'a line has a name that is not among the columns'],
    ['json', '{"a":1,"b":"x}\n', 'a line ends within a text'],
    ['json', '{"a":1,"b":[1,{"x":2}\n', 'a line ends within an object or array'],
    ['json', '{"a":1,"b":2}x\n', 'a line goes on after its object'],
    ['json', '{"a":1;"b":2}\n', 'a line lacks the , expected at its byte 13'],
    ['json', '{"a":1,"b":"\\x"}\n', 'a text has an unknown escape'],
  ] as const)('%s %j', async (format, raw, message) => {
    await expect(batches(raw, two, format, ['a', 'b'])).rejects.toThrow(new RangeError(message));
  });
});

test('an object of a header alone has no rows', async () => {
  expect(await batches('a\n', [column('a', text)])).toEqual([]);
});
