import type { RawManifest, SeenColumn } from '@totes/core';

/** What changed in the source's schema from one version to the next, a line each; nothing where there is no version before. */
export function schemaDrift(before: RawManifest | null, after: RawManifest | null): string[] {
  if (before === null || after === null) return [];
  const names = new Set([...Object.keys(before.tables), ...Object.keys(after.tables)]);
  return [...names].sort().flatMap((name) => {
    const [was, now] = [before, after].map(({ tables }) => (Object.hasOwn(tables, name) ? tables[name] : undefined));
    if (was === undefined) return [`table ${name} is new`];
    if (now === undefined) return [`table ${name} is gone`];
    return columnDrift(name, was.columns, now.columns);
  });
}

function columnDrift(table: string, before: readonly SeenColumn[], after: readonly SeenColumn[]): string[] {
  const find = (columns: readonly SeenColumn[], name: string): SeenColumn | undefined =>
    columns.find((column) => column.name === name);
  return [
    ...after.flatMap((now) => {
      const was = find(before, now.name);
      const column = `column ${table}.${now.name}`;
      if (was === undefined) return [`${column} is new (${now.type})`];
      if (was.type !== now.type) return [`${column} is ${now.type}, it was ${was.type}`];
      // Manifests of older releases do not tell what a domain stands for.
      if (was.storedType !== undefined && was.storedType !== now.storedType) {
        return [`${column} is ${now.storedType ?? now.type} beneath ${now.type}, it was ${was.storedType}`];
      }
      return [];
    }),
    ...before
      .filter(({ name }) => find(after, name) === undefined)
      .map(({ name }) => `column ${table}.${name} is gone`),
  ];
}
