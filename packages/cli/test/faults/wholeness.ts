import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { facts, identifier } from '@totes/core';
import { createDatabase, type TestDatabase } from '../../../../scripts/jest/database.ts';
import { differences } from '../compare.ts';
import { totes, type Bench, type Outcome } from '../pipelineTest.ts';

/** An object as a manifest names it. */
export interface NamedObject {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Every object that a document of a log names, wherever in it that stands: a new kind of object is found by itself. */
export function namedObjects(document: unknown): NamedObject[] {
  if (typeof document !== 'object' || document === null) return [];
  const { key, bytes, sha256 } = document as Partial<NamedObject>;
  if (key !== undefined && bytes !== undefined && sha256 !== undefined) return [{ key, bytes, sha256 }];
  return Object.values(document).flatMap(namedObjects);
}

/** Fails where a folder lake holds a version whose objects are not all there as named, or a draft of an object. */
export async function expectSoundLake(lake: string): Promise<void> {
  for (const bucket of ['ingestion', 'processed'].map((name) => join(lake, name))) {
    expect(await readdir(join(bucket, '.tmp')).catch(() => [])).toEqual([]);
    const manifests = (await readdir(join(bucket, 'log')).catch(() => [])).sort();
    expect(manifests).toEqual(manifests.map((_, i) => `${String(i + 1).padStart(20, '0')}.json`));
    for (const manifest of manifests) {
      for (const object of namedObjects(JSON.parse(await readFile(join(bucket, 'log', manifest), 'utf8')))) {
        const body = await readFile(join(bucket, object.key));
        const sha256 = createHash('sha256').update(body).digest('hex');
        expect({ key: object.key, bytes: body.length, sha256 }).toMatchObject({
          bytes: object.bytes,
          sha256: object.sha256,
        });
      }
    }
  }
}

/** Every row of every fact in the order of the history of its key, without the record key, of which a failed load uses some up. */
export async function history(warehouse: TestDatabase, schema = 'public'): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const { name, key, recordKey } of facts) {
    const found = await warehouse.query<{ row: string }>(
      `SELECT (to_jsonb(f) - '${recordKey}')::text AS row FROM ${identifier(schema, name)} f ORDER BY ${key}, ${recordKey}`,
    );
    rows[name] = found.map(({ row }) => row);
  }
  return rows;
}

/**
 * Fails unless the warehouse is what it would be had nothing gone wrong: current rows as in the source, no version
 * loaded twice, and the history that another warehouse gets when the raw log is transformed and loaded anew.
 */
export async function expectWhole({
  source,
  warehouse,
  lake,
}: Pick<Bench, 'source' | 'warehouse' | 'lake'>): Promise<void> {
  await expectSoundLake(lake);
  expect(await differences(source, warehouse)).toEqual([]);
  const versions = await readdir(join(lake, 'ingestion', 'log'));
  const loaded = await warehouse.query<{ version: string }>('SELECT version FROM etl.load_log ORDER BY version');
  expect(loaded.map(({ version }) => Number(version))).toEqual(versions.map((_, i) => i + 1));
  expect(await history(warehouse)).toEqual(await historyAnew(lake));
}

async function historyAnew(lake: string): Promise<Record<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'totes-anew-'));
  const warehouse = await createDatabase();
  try {
    await cp(join(lake, 'ingestion'), join(folder, 'ingestion'), { recursive: true });
    expect(await totes('transform', '--lake', folder)).toMatchObject({ code: 0 });
    expect(await totes('load', '--lake', folder, '--warehouse', warehouse.url)).toMatchObject({ code: 0 });
    return await history(warehouse);
  } finally {
    await warehouse.drop();
    await rm(folder, { recursive: true });
  }
}

/** The name of the error that a failed command with --json printed; undefined where it did not fail. */
export function failureOf({ code, out, error }: Outcome): string | undefined {
  if (code === 0) return undefined;
  expect([code, error.length]).toEqual([1, 1]);
  return (JSON.parse(out.at(-1)!) as { error: { name: string } }).error.name;
}
