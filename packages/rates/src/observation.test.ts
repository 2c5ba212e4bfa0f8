import { observe } from './observation.ts';

test('what was left out is a warning, and what was appended a metric', () => {
  const result = {
    version: 3,
    committed: true,
    rates: 30,
    read: 60,
    from: 'https://rates.example',
    notices: ['TRL 1'],
  };
  expect(observe({ ...result, newestDay: '2026-11-20' })).toEqual({
    version: 3,
    fields: { committed: true, rates: 30, read: 60, from: 'https://rates.example', newest_day: '2026-11-20' },
    warnings: [{ message: 'rates has a notice', fields: { notice: 'TRL 1' } }],
    metrics: [{ name: 'RatesAppended', unit: 'Count', value: 30 }],
  });
});
