export { load, type LoadOptions, type LoadProgress, type LoadResult } from './load.ts';
export { warehouseStatus, type WarehouseStatus } from './warehouseStatus.ts';
