import { editModules } from './edits.ts';
import { ordersVariable, report, type Orders } from './orders.ts';
import { obey } from './points.ts';

/** Loaded into the process under attack before its own code, by `node --import`. */
const orders = JSON.parse(process.env[ordersVariable] ?? '{}') as Orders;
obey(orders);
editModules(orders.edits ?? []);
// Only now, so that the modules that these load are edited too.
const { watchStores } = await import('./storePoints.ts');
const { watchStatements } = await import('./statementPoints.ts');
watchStores();
watchStatements();
report({ kind: 'started' });
