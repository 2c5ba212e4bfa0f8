import { ordersVariable, report, type Orders } from './orders.ts';
import { obey } from './points.ts';
import { watchStatements } from './statementPoints.ts';
import { watchStores } from './storePoints.ts';

/** The command line, which does at its points what it is ordered to. */
obey(JSON.parse(process.env[ordersVariable] ?? '{}') as Orders);
watchStores();
watchStatements();
report({ kind: 'started' });
await import('../../../packages/cli/src/main.ts');
