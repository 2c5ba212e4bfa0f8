import { newRunId, openStore, readConfig, setting } from '@totes/core';
import { rates, usualSource, type RatesResult } from './rates.ts';

/** Fetches the exchange rates that the environment describes. */
export async function runRates(
  env: Readonly<Record<string, string | undefined>>,
  makeRunId = (): string => newRunId(new Date()),
): Promise<RatesResult> {
  const config = readConfig(
    {
      raw: setting.text('RAW_BUCKET'),
      from: setting.optional(setting.text('RATES_URL'), usualSource),
      codeVersion: setting.optional(setting.text('CODE_VERSION'), 'unknown'),
    },
    env,
  );
  const runId = makeRunId();
  const raw = await openStore(config.raw);
  return rates({ raw, from: config.from, codeVersion: config.codeVersion, runId, now: () => new Date() });
}
