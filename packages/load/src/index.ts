export { checkShape } from './checkShape.ts';
export { load, rehearse } from './load.ts';
export type { LoadResult } from './loadResult.ts';
export type { LoadOptions, LoadProgress } from './options.ts';
export type { ReplayOptions } from './replay/options.ts';
export { replay, type ReplayResult } from './replay/replay.ts';
export { warehouseStatus, type WarehouseStatus } from './warehouseStatus.ts';
