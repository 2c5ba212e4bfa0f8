import { identifier, literal } from '@totes/core';
import type { Carried, CarriedRelation, Right } from './carried.ts';

/** Relations in an order in which they can be made: each after those that it is a view of. */
export function creationOrder(relations: readonly CarriedRelation[]): CarriedRelation[] {
  const ordered: CarriedRelation[] = [];
  let rest = [...relations];
  while (rest.length > 0) {
    const ready = rest.filter(({ uses }) => !rest.some(({ id }) => uses.includes(id)));
    ordered.push(...ready);
    rest = rest.filter((relation) => !ready.includes(relation));
  }
  return ordered;
}

/** Makes a view as it was. */
export const createView = ({ schema, name, columns, definition }: CarriedRelation): string =>
  `CREATE VIEW ${identifier(schema, name)} (${columns.map((column) => identifier(column)).join(', ')}) AS ${definition!}`;

/** Gives a relation that was made anew, and that this role owns, the options, comments and rights of the one before. */
export function likeBefore(relation: CarriedRelation, defaultGrantees: Carried['defaultGrantees']): string[] {
  const { kind, schema, name, owner, options, comments, tuned } = relation;
  const target = identifier(schema, name);
  const alter = `ALTER ${kind.toUpperCase()} ${target}`;
  return [
    ...(options.length > 0 ? [`${alter} SET (${options.map(option).join(', ')})`] : []),
    ...tuned.flatMap(({ column, statistics, options }) => [
      ...(statistics === null ? [] : [`${alter} ALTER ${identifier(column)} SET STATISTICS ${statistics}`]),
      ...(options.length > 0 ? [`${alter} ALTER ${identifier(column)} SET (${options.map(option).join(', ')})`] : []),
    ]),
    ...comments.map(({ column, text }) =>
      column === null
        ? `COMMENT ON ${kind.toUpperCase()} ${target} IS ${literal(text)}`
        : `COMMENT ON COLUMN ${identifier(schema, name, column)} IS ${literal(text)}`,
    ),
    ...rightsLikeBefore(target, owner, relation, defaultGrantees),
  ];
}

/**
 * Gives a relation that was made anew the rights of the one before.
 *
 * @param target its quoted name, that of a sequence after SEQUENCE
 */
export function rightsLikeBefore(
  target: string,
  owner: string,
  { hasRights, rights }: Pick<CarriedRelation, 'hasRights' | 'rights'>,
  defaultGrantees: Carried['defaultGrantees'],
): string[] {
  const others = defaultGrantees.filter((role) => role !== owner);
  const revoked = [...others, ...(hasRights ? [owner] : [])];
  return [
    ...(revoked.length > 0 ? [`REVOKE ALL ON ${target} FROM ${revoked.map(grantee).join(', ')}`] : []),
    ...grants(target, rights),
  ];
}

/** Grants rights on a relation, given by its quoted name. */
export const grants = (target: string, rights: readonly Right[]): string[] =>
  rights.map(
    ({ right, column, role, grantable }) =>
      `GRANT ${right}${column === null ? '' : ` (${identifier(column)})`} ON ${target} TO ${grantee(role)}` +
      (grantable ? ' WITH GRANT OPTION' : ''),
  );

const grantee = (role: string | null): string => (role === null ? 'PUBLIC' : identifier(role));

function option(text: string): string {
  const at = text.indexOf('=');
  return `${identifier(...text.slice(0, at).split('.'))} = ${literal(text.slice(at + 1))}`;
}
