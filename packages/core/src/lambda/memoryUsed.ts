import type { Measurement } from './observation.ts';

/**
 * The most memory that this process has had so far, in percent of the function's. Lambda ends a function that needs more
 * without a word in its own log. Nothing where the process is no function.
 */
export function memoryUsed(): Measurement[] {
  const megabytes = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  if (!(megabytes > 0)) return [];
  const kilobytes = process.resourceUsage().maxRSS;
  const percent = Math.round((kilobytes / 1024 / megabytes) * 1000) / 10;
  return [{ name: 'MemoryUsed', unit: 'Percent', value: percent }];
}
