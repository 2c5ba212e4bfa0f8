import { facts, type IdSet, type ObjectRef, type RawFormat, type RawManifest } from '@totes/core';
import { versionFolder } from '../versionObjects.ts';

/** Rows of a fact that are transformed by themselves: those of one raw object. Plain JSON. */
export interface FactSlice {
  /** The warehouse table. */
  readonly table: string;
  /** Its place among the fact's slices, from 0. */
  readonly number: number;
  readonly format: RawFormat;
  /** The names of the raw columns, in their order. */
  readonly columns: readonly string[];
  readonly object: ObjectRef;
  /** Where its Parquet goes, without a slash at the end. */
  readonly folder: string;
}

/** What the rows of slices are checked against, the same for all of a version. */
export interface Against {
  /** The ids that each dimension has in the warehouse once the version is loaded, by warehouse table. */
  readonly ids: ReadonlyMap<string, IdSet>;
  /** The keys of rows that are set aside and wait, by fact. */
  readonly waiting: ReadonlyMap<string, IdSet>;
}

/** All that the facts of one version ask for. */
export interface SliceWork {
  readonly version: number;
  /** Those of a fact beside one another, in the order of its rows. */
  readonly slices: readonly FactSlice[];
  readonly against: Against;
}

/** The slices of a version: ingest cut what is large. */
export const slicesOf = (manifest: RawManifest): FactSlice[] =>
  facts.flatMap(({ name, source }) => {
    const { objects = [], format = 'csv', columns = [] } = manifest.tables[source] ?? {};
    const folder = versionFolder(manifest, 'star', name);
    const names = columns.map((column) => column.name);
    return objects.map((object, number) => ({ table: name, number, format, columns: names, object, folder }));
  });

/** Beyond so many slices several functions transform them: one does so many, some eight million rows, in a minute or so. */
const mostForOne = 8;

/** Whether slices are so many that functions beside one another should transform them. */
export const isWorthFanningOut = ({ slices }: SliceWork): boolean => slices.length > mostForOne;
