export { rates, usualSource, type RatesResult } from './rates.ts';
