export { count, rowsByTable, withRows, type Measurement, type Observation, type Warning } from './observation.ts';
export { stageHandler, type Invocation, type MakeRunId, type Stage } from './stageHandler.ts';
