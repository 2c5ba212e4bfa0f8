/** Digits before the point and behind it that a type has room for; a negative scale rounds before the point. */
interface NumberRoom {
  /** What every value of the type needs. */
  readonly needs: number;
  /** What is sure to fit: the greatest smallint has five digits, but not every five digits are a smallint. */
  readonly holds: number;
  readonly scale: number;
}

/** What of a type decides whether another has room for all its values. */
type Room =
  | ({ readonly kind: 'number' } & NumberRoom)
  | { readonly kind: 'text'; readonly characters: number }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'timestamp'; readonly fraction: number };

const whole = (needs: number): Room => ({ kind: 'number', needs, holds: needs - 1, scale: 0 });

const plain: Readonly<Record<string, Room>> = {
  smallint: whole(5),
  integer: whole(10),
  bigint: whole(19),
  numeric: { kind: 'number', needs: Infinity, holds: Infinity, scale: Infinity },
  text: { kind: 'text', characters: Infinity },
  citext: { kind: 'text', characters: Infinity },
  'character varying': { kind: 'text', characters: Infinity },
  'timestamp without time zone': { kind: 'timestamp', fraction: 6 },
};

/**
 * Whether a column of type `now` may lack room for what a column of type `before` could hold, so that a conversion may
 * have rounded, cut or refused values. True where that cannot be told; a change of name alone is not narrower.
 *
 * @param before, now types as the catalog writes them: `numeric(10,2)`, `character varying(20)`,
 *   `shop.kind('SALE','PURCHASE')`
 */
export function isNarrower(before: string, now: string): boolean {
  if (before === now) return false;
  const [from, to] = [roomOf(before), roomOf(now)];
  // Whatever else it was, all of it can be written as text.
  if (to?.kind === 'text' && to.characters === Infinity) return false;
  if (from === undefined || to === undefined) return true;
  if (from.kind === 'number' && to.kind === 'number') return from.needs > to.holds || from.scale > to.scale;
  if (from.kind === 'timestamp' && to.kind === 'timestamp') return from.fraction > to.fraction;
  if (to.kind === 'text') return longest(from) > to.characters;
  // An enumeration rounds and cuts nothing: what is none of its labels is refused, and a label renamed is a value renamed.
  return to.kind !== 'labels' || (from.kind !== 'labels' && from.kind !== 'text');
}

/** The characters that a value may have. */
function longest(room: Room): number {
  if (room.kind === 'text') return room.characters;
  if (room.kind === 'number') {
    const digits = Math.max(1, room.needs) + (room.scale > 0 ? 1 + room.scale : 0);
    return Math.max('NaN'.length, '-'.length + digits);
  }
  return room.kind === 'labels' ? Math.max(0, ...room.labels.map((label) => Array.from(label).length)) : Infinity;
}

/** Undefined for types that this release cannot compare, such as a domain of which only the name is known. */
function roomOf(type: string): Room | undefined {
  const [, name, list, rest = ''] = /^(.*?)\((.*)\)([^()']*)$/s.exec(type) ?? [];
  if (name === undefined || list === undefined) return Object.hasOwn(plain, type) ? plain[type] : undefined;
  if (/^E?'/.test(list)) return { kind: 'labels', labels: labelsOf(list) };
  const [first = NaN, second = 0] = list.split(',').map(Number);
  if (name === 'numeric') return { kind: 'number', needs: first - second, holds: first - second, scale: second };
  if (name === 'character varying' || name === 'character') return { kind: 'text', characters: first };
  return `${name}${rest}` === 'timestamp without time zone' ? { kind: 'timestamp', fraction: first } : undefined;
}

/** The labels of an enumeration, from literals apart by commas. */
const labelsOf = (list: string): string[] =>
  Array.from(list.matchAll(/(E?)'((?:[^']|'')*)'/g), ([, escaped, label = '']) => {
    const text = label.replaceAll("''", "'");
    return escaped === 'E' ? text.replaceAll('\\\\', '\\') : text;
  });
