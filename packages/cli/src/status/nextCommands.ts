import type { IngestInput } from '../pipeline.ts';
import { shellWord } from '../shell.ts';

/** The commands that status sends somebody to, whole, for the places that it was asked about. */
export interface NextCommands {
  readonly status: string;
  /** The same, of the lake that was meant. */
  readonly statusOfLake: string;
  readonly run: string;
  /** Reads what the source has, and does with it what the places named allow. */
  readonly catchUp: string;
  readonly transform: string;
  readonly load: string;
  readonly replay: string;
  readonly verify: string;
  readonly heal: string;
  readonly quarantine: string;
  /** Warnings and errors of a stage, or of all. */
  readonly logs: (stage?: string | null) => string;
}

/** A URL with "…" for its password; a name of a secret as it is. */
const databaseWord = (setting: string | undefined): string =>
  setting === undefined
    ? 'postgres://…'
    : shellWord(setting.replace(/^(\w+:\/\/[^:@/]*):.*@/, '$1:…@').replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1…'));

/** What was named, and how the source is read where that is not as usual. */
export interface Places extends Partial<
  Pick<IngestInput, 'sourceSchema' | 'rawFormat' | 'capture' | 'acceptNarrowed'>
> {
  readonly lake: string;
  readonly warehouse?: string | undefined;
  readonly source?: string | undefined;
  readonly schema: string;
}

function sourceWords({ source, sourceSchema, rawFormat, capture, acceptNarrowed }: Places): string {
  const captured = Object.entries(capture ?? {});
  return [
    `--source ${databaseWord(source)}`,
    ...(sourceSchema === undefined || sourceSchema === 'public' ? [] : [`--source-schema ${shellWord(sourceSchema)}`]),
    ...(rawFormat === 'json' ? ['--raw-format json'] : []),
    ...captured.map(([table, { lookbackSeconds }]) => `--capture ${shellWord(`${table}=${lookbackSeconds}`)}`),
    ...(acceptNarrowed ?? []).map((column) => `--accept-narrowed ${shellWord(column)}`),
  ].join(' ');
}

/** For places that were named. */
export function localCommands(places: Places): NextCommands {
  const lake = `--lake ${shellWord(places.lake)}`;
  const schema = places.schema === 'public' ? '' : ` --schema ${shellWord(places.schema)}`;
  const warehouse = `--warehouse ${databaseWord(places.warehouse)}${schema}`;
  const read = sourceWords(places);
  const asked = [
    lake,
    ...(places.source === undefined ? [] : [read]),
    ...(places.warehouse === undefined ? [] : [warehouse]),
  ].join(' ');
  const run = `totes run ${read} ${warehouse} ${lake}`;
  return {
    status: `totes status ${asked}`,
    statusOfLake: `totes status ${asked.replace(lake, '--lake …')}`,
    run,
    catchUp: places.warehouse === undefined ? `totes ingest ${read} ${lake}` : run,
    transform: `totes transform ${lake}`,
    load: `totes load ${lake} ${warehouse}`,
    replay: `totes replay ${lake} ${warehouse}`,
    verify: `totes verify ${read} ${warehouse} ${lake}`,
    heal: `totes verify ${read} ${warehouse} ${lake} --heal`,
    quarantine: `totes quarantine list ${lake}`,
    logs: () => `totes history ${lake}`,
  };
}

/** For a stack: a run does what any stage has left to do. */
export function stackCommands(place: string): NextCommands {
  const stack = `--stack ${shellWord(place)}`;
  const run = `totes run ${stack} --watch`;
  return {
    status: `totes status ${stack}`,
    statusOfLake: `totes status ${stack}`,
    run,
    catchUp: run,
    transform: run,
    load: run,
    replay: `totes replay ${stack}`,
    verify: `totes verify ${stack}`,
    heal: `totes verify ${stack} --heal`,
    quarantine: `totes quarantine list ${stack}`,
    logs: (stage) => `totes logs ${stack}${stage == null ? '' : ` --stage ${stage}`} --since 1h --level warn`,
  };
}
