import type { Command, Json } from '../command.ts';
import { out, schema, warehouse } from '../options.ts';
import { formatBytes, formatNumber, formatSeconds } from '../output.ts';

const dashboard: Command = {
  name: 'dashboard',
  description: 'write the business report as one web page, from the warehouse alone',
  options: [warehouse(), out(), schema()],
  examples: [
    'totes dashboard --warehouse postgres://analyst@warehouse.example/analytics --out ./report',
    'totes dashboard --warehouse secret:warehouse --schema star --out ./report --json',
  ],
  async run(options: Json & { warehouse: string; out: string; schema: string }, { print, terminal }) {
    const { writeDashboard } = await import('../dashboard.ts');
    terminal.progress('dashboard reading the warehouse');
    const result = await writeDashboard(options);
    print(options, result, () => [
      `${result.path}: ${formatNumber(result.orders)} orders, ${formatBytes(result.bytes)}, ${formatSeconds(result.seconds)}`,
    ]);
    return true;
  },
};

export const dashboardCommands = [dashboard];
