export type { ReplayResult } from '@totes/load';
export { replayLake, type LakeReplay } from './replayLake.ts';
