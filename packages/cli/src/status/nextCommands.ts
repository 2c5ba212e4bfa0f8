import { shellWord } from '../shell.ts';

/** The commands that status sends somebody to, whole, for the places that it was asked about. */
export interface NextCommands {
  readonly status: string;
  readonly run: string;
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
    ? '<url>'
    : shellWord(setting.replace(/^(\w+:\/\/[^:@/]*):.*@/, '$1:…@').replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1…'));

/** For a lake and a warehouse that were named. */
export function localCommands(places: { lake: string; warehouse?: string | undefined; schema: string }): NextCommands {
  const lake = `--lake ${shellWord(places.lake)}`;
  const schema = places.schema === 'public' ? '' : ` --schema ${shellWord(places.schema)}`;
  const warehouse = `--warehouse ${databaseWord(places.warehouse)}${schema}`;
  const asked = places.warehouse === undefined ? lake : `${lake} ${warehouse}`;
  return {
    status: `totes status ${asked}`,
    run: `totes run --source <url> ${warehouse} ${lake}`,
    transform: `totes transform ${lake}`,
    load: `totes load ${lake} ${warehouse}`,
    replay: `totes replay ${lake} ${warehouse}`,
    verify: `totes verify --source <url> ${warehouse} ${lake}`,
    heal: `totes verify --source <url> ${warehouse} ${lake} --heal`,
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
    run,
    transform: run,
    load: run,
    replay: `totes replay ${stack}`,
    verify: `totes verify ${stack}`,
    heal: `totes verify ${stack} --heal`,
    quarantine: `totes quarantine list ${stack}`,
    logs: (stage) => `totes logs ${stack}${stage == null ? '' : ` --stage ${stage}`} --since 1h --level warn`,
  };
}
