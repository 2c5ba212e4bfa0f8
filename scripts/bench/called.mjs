import { performance } from 'node:perf_hooks';

/**
 * The process of one function: calls the handler of the bundle that is given as often as it is told to, and says what each
 * call took. Its peak memory is the process's, imports included, as Lambda counts it.
 */
const [bundle] = process.argv.slice(2);
const { handler } = await import(bundle);

process.on('message', async (event) => {
  const started = performance.now();
  const cpu = process.cpuUsage();
  try {
    const result = await handler(event);
    const { user, system } = process.cpuUsage(cpu);
    process.send({
      result,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (user + system) / 1e6,
      peakMegabytes: process.resourceUsage().maxRSS / 1000,
    });
  } catch (error) {
    process.send({ failed: `${error.name}: ${error.message}` });
  }
});
process.send('ready');
