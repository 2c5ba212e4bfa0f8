import type { Paint } from '../output.ts';
import { formatNumber, formatSeconds, table } from '../output.ts';
import type { Problem, Status } from './status.ts';

/** The status for people: the verdict, what it rests on, and what to run next. */
export function statusLines(status: Status, paint: Paint): string[] {
  const [worst, ...others] = status.problems;
  return [
    worst === undefined
      ? paint('green', `Healthy: ${healthyBecause(status)}.`)
      : paint('red', `Not healthy: ${worst.message}`),
    `Lake ${status.lake}`,
    ...table(['', 'version', 'since'], heads(status)),
    ...lagLines(status),
    ...sourceLines(status),
    lastRunLine(status),
    ...runLines(status),
    ...stageLines(status),
    ...quarantineLines(status),
    ...others.map(({ message, next }) => `${paint('yellow', `Also: ${message}`)} → ${next}`),
    ...(worst === undefined ? [] : [`${nextTitle(worst)}: ${paint('bold', worst.next)}`]),
  ];
}

function healthyBecause(status: Status): string {
  const { lag, raw, source, warehouse } = status;
  const ends = ['both logs', ...(warehouse === undefined ? [] : ['the warehouse']), ...(source ? ['the source'] : [])];
  const parts = `${ends.slice(0, -1).join(', ')}${ends.length > 1 ? ' and ' : ''}${ends.at(-1)!} are`;
  if (lag?.versions !== 0) return 'what is under way is not late yet';
  return `${parts} level at version ${raw!.version}${wasNotAsked(status) ? '; the source was not asked' : ''}`;
}

/** In the cloud the runs tell of the source. */
const wasNotAsked = ({ source, runs, stages }: Status): boolean =>
  source === undefined && runs === undefined && stages === undefined;

function heads({ raw, processed, warehouse }: Status): (string | number)[][] {
  const at = (time: string | null | undefined): string => time ?? 'never';
  const row = (name: string, head: { version: number } | null, since: string): (string | number)[] =>
    head === null ? [name, '?', 'unknown'] : [name, head.version, since];
  const asOf = warehouse?.asOf === undefined ? at(warehouse?.loadedAt) : `asked at ${warehouse.asOf}`;
  const name = warehouse ? `warehouse schema ${warehouse.schema}` : 'warehouse';
  return [
    row('raw log', raw, at(raw?.committedAt)),
    row('processed log', processed, at(processed?.committedAt)),
    ...(warehouse === undefined ? [] : [row(name, warehouse, asOf)]),
  ];
}

function lagLines({ lag, runs }: Status): string[] {
  if (lag === null) return [];
  const { versions, seconds, next } = lag;
  if (next === null) return ['Level: nothing waits to be transformed or loaded.'];
  // In the cloud a run does what is left, whichever stage that is.
  const how = runs === undefined ? `\`totes ${next}\` is next.` : `${next} is next.`;
  return [`Behind by ${versions} version${versions === 1 ? '' : 's'}, ${formatSeconds(seconds)}: ${how}`];
}

const nextTitle = ({ afterMending }: Problem): string => (afterMending ? 'Next, when that is mended' : 'Next');

function sourceLines(status: Status): string[] {
  const { source } = status;
  if (source === undefined) {
    return wasNotAsked(status) ? ['The source was not asked: `totes status` does, with --source.'] : [];
  }
  if (source === null) return ['What the source has is unknown.'];
  return [
    source.lines.length === 0 ? 'The source has nothing that was not read.' : `To be read: ${source.lines.join(', ')}.`,
  ];
}

const lastRunLine = ({ lastRun, raw }: Status): string => {
  if (lastRun !== null) return `Last change: run ${lastRun.runId}, which read the source at ${lastRun.readAt}.`;
  return raw === null ? 'Which run committed last is unknown.' : 'No run has committed anything yet.';
};

function runLines({ runs }: Status): string[] {
  if (!runs) return [];
  const { running, lastSuccess, lastFailure, failures } = runs;
  return [
    lastSuccess
      ? `Last success: run ${lastSuccess.run}, which ended at ${lastSuccess.endedAt}.`
      : 'Last success: none is known.',
    ...(lastFailure
      ? [`Failures since: ${formatNumber(failures)}, the newest run ${lastFailure.run} at ${lastFailure.endedAt}.`]
      : []),
    ...(running ? [`Under way: run ${running.run}, since ${running.since}.`] : []),
  ];
}

const stageLines = ({ stages }: Status): string[] =>
  stages
    ? table(
        ['stage', 'finished last', 'failures since'],
        Object.entries(stages).map(([name, { lastSuccess, failures }]) => [
          name,
          lastSuccess ?? 'not for an hour',
          failures,
        ]),
      )
    : [];

function quarantineLines({ quarantined, waiting }: Status): string[] {
  if (quarantined === null || waiting === null) return [];
  if (waiting > 0) return [`Set aside: ${formatNumber(waiting)} rows.`];
  if (quarantined === 0) return ['No row was ever set aside.'];
  return [`No row is set aside; ${formatNumber(quarantined)} were once.`];
}
