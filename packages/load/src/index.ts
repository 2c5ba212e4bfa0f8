export { load, rehearse, type LoadResult } from './load.ts';
export type { LoadOptions, LoadProgress } from './options.ts';
export { warehouseStatus, type WarehouseStatus } from './warehouseStatus.ts';
