import { readConfig, setting } from './config.ts';
import { ConfigInvalid } from './errors.ts';

const spec = {
  lake: setting.text('LAKE'),
  slices: setting.integer('SLICES', 1, 64),
  format: setting.oneOf('RAW_FORMAT', 'csv', 'json'),
  schema: setting.optional(setting.text('SCHEMA'), 'public'),
  topic: setting.optional(setting.text('TOPIC'), undefined),
  lookback: setting.optional(setting.integer('LOOKBACK_MINUTES', 0, 1440), 60),
};

test('variables become values of the types that their settings say', () => {
  const config: {
    lake: string;
    slices: number;
    format: 'csv' | 'json';
    schema: string;
    topic: string | undefined;
    lookback: number;
  } = readConfig(spec, { LAKE: 's3://lake', SLICES: '8', RAW_FORMAT: 'json', TOPIC: 'alerts', LOOKBACK_MINUTES: '0' });
  expect(config).toEqual({
    lake: 's3://lake',
    slices: 8,
    format: 'json',
    schema: 'public',
    topic: 'alerts',
    lookback: 0,
  });
});

test('an empty variable is one that is not set', () => {
  const config = readConfig(spec, { LAKE: 'x', SLICES: '1', RAW_FORMAT: 'csv', SCHEMA: '', LOOKBACK_MINUTES: '' });
  expect(config).toMatchObject({ schema: 'public', topic: undefined, lookback: 60 });
});

test('all problems are told at once', () => {
  const env = { LAKE: '', SLICES: '65', RAW_FORMAT: 'xml', LOOKBACK_MINUTES: '-1' };
  expect(() => readConfig(spec, env)).toThrow(
    new ConfigInvalid(
      'bad settings: LAKE is not set; SLICES must be a whole number from 1 to 64, not "65"; ' +
        'RAW_FORMAT must be csv or json, not "xml"; LOOKBACK_MINUTES must be a whole number from 0 to 1440, not "-1"',
    ),
  );
});

test.each(['1.5', '1e1', ' 3', '3 ', '0x3', 'NaN', 'three', '99999999999999999999'])(
  '%j is no whole number',
  (value) => {
    expect(() => readConfig({ slices: setting.integer('SLICES', 1, 64) }, { SLICES: value })).toThrow(ConfigInvalid);
  },
);

test('a value that may hold a password is not repeated', () => {
  const env = { SLICES: 'postgres://totes:secret@db/totesys' };
  expect(() => readConfig({ slices: setting.integer('SLICES', 1, 64) }, env)).toThrow(
    new ConfigInvalid('bad settings: SLICES must be a whole number from 1 to 64, not the URL it holds'),
  );
});
