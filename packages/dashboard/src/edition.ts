/** Which state of the warehouse a page shows, and which release made it. */
export interface Edition {
  /** The version of the lake that was loaded last. */
  readonly version: number;
  /** When that was: YYYY-MM-DD HH:MM:SS, UTC. It orders loads also across a rebuilt lake, whose versions begin anew. */
  readonly loaded: string;
  readonly codeVersion: string;
}

/** The name of the page in its bucket. */
export const pageKey = 'index.html';

/** Whether the warehouse of `a` is a later state than that of `b`. */
export const isLater = (a: Edition, b: Edition): boolean =>
  a.loaded === b.loaded ? a.version > b.version : a.loaded > b.loaded;

/** Whether a page of edition `a` should take the place of one of edition `b`: a later state, or the same by another release. */
export const replaces = (a: Edition, b: Edition): boolean =>
  isLater(a, b) || (!isLater(b, a) && a.codeVersion !== b.codeVersion);

/** An edition as metadata of an object, which S3 keeps as text. */
export const toMetadata = ({ version, loaded, codeVersion }: Edition): Record<string, string> => ({
  version: String(version),
  loaded,
  'code-version': codeVersion,
});

/** The edition that metadata tell; undefined where they tell none, as of an object that somebody else has put there. */
export function fromMetadata(metadata: Readonly<Record<string, string>> = {}): Edition | undefined {
  const { version = '', loaded = '', 'code-version': codeVersion = '' } = metadata;
  if (!/^\d{1,15}$/.test(version) || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(loaded)) return undefined;
  return { version: Number(version), loaded, codeVersion };
}
