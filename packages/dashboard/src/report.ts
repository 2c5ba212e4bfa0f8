import {
  failure,
  facts,
  identifier,
  inSnapshot,
  ratesTable,
  refuseRedshift,
  starTables,
  WarehouseRefused,
  whereIs,
} from '@totes/core';
import type { Client } from 'pg';
import { ask, cubeOf, scaleOf, type Answer } from './cube.ts';
import { questions, type Cube, type CubeName, type Load, type Question, type Report } from './data.ts';
import { readHistory } from './history.ts';
import { readQueries } from './queries.ts';
import { readRates } from './rates.ts';

export interface ReportOptions {
  /** The schema of the star. */
  readonly schema: string;
  readonly now: () => Date;
  /** The most cells of a cube before days become months; for tests. */
  readonly mostCells?: number;
}

/** Loads that the page lists. */
const newestLoads = 20;

/**
 * Asks the warehouse every question of the page, in one snapshot: all figures are of the same moment. Reads only.
 *
 * @throws WarehouseRefused where the schema has not the tables of the star, or may not be read; WarehouseMismatch where
 *   an amount is no number; WarehouseUnavailable
 */
export async function readReport(client: Client, { schema, now, mostCells }: ReportOptions): Promise<Report> {
  refuseRedshift(client, 'the report', 'load the same lake into one beside it, and report from that');
  try {
    const sql = await readQueries();
    return await inSnapshot(client, async () => {
      await client.query(`SET LOCAL search_path = ${identifier(schema)}, pg_catalog`);
      await refuseMissingTables(client, schema);
      const answers: Answer[] = [];
      for (const [name, question] of Object.entries<Question>(questions)) {
        answers.push(await ask(client, name, sql[name]!, question, mostCells));
      }
      const scale = Math.max(2, ...answers.map(scaleOf));
      const currencies: string[] = [];
      const cubes = answers.map((answer): [string, Cube] => [answer.name, cubeOf(answer, scale, currencies)]);
      const rates = await readRates(client, sql.exchange_rates!, schema, currencies);
      return {
        schema,
        writtenAt: now().toISOString(),
        scale,
        lastDay: await readLastDay(client, sql.last_change!),
        currencies,
        cubes: Object.fromEntries(cubes) as Record<CubeName, Cube>,
        ...(rates && { rates }),
        history: await readHistory(client, sql.order_versions!),
        loads: await readLoads(client, sql.freshness!),
        sql,
      };
    });
  } catch (error) {
    throw failure('warehouse', whereIs(client), error);
  }
}

async function refuseMissingTables(client: Client, schema: string): Promise<void> {
  // The rates may be missing: a warehouse of an earlier release gets their table with its next version.
  const tables = starTables.map(({ name }) => name).filter((name) => name !== ratesTable);
  const needed = [...tables, ...facts.map(({ currentView }) => currentView)];
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name
     WHERE to_regclass(quote_ident($2) || '.' || quote_ident(name)) IS NULL
     UNION ALL SELECT 'etl.load_log' WHERE to_regclass('etl.load_log') IS NULL`,
    [needed, schema],
  );
  if (rows.length === 0) return;
  const missing = rows.map(({ name }) => name).join(', ');
  throw new WarehouseRefused(
    `warehouse ${whereIs(client)} has no ${missing} (schema "${schema}"): run the pipeline first (totes run), ` +
      'or name the schema that it loads into with --schema',
  );
}

async function readLastDay(client: Client, sql: string): Promise<number | null> {
  const { rows } = await client.query<{ day: number | null }>(
    `SELECT day - DATE '1970-01-01' AS day FROM (\n${sql}\n) AS answer`,
  );
  return rows[0]!.day;
}

async function readLoads(client: Client, sql: string): Promise<Load[]> {
  const { rows } = await client.query<Load>(
    `SELECT version::text, source_read AS "sourceRead", loaded, seconds_behind::text AS "secondsBehind",
       rows_loaded::text AS "rowsLoaded", set_aside::text AS "setAside", warnings::text
     FROM (\n${sql}\nLIMIT ${newestLoads}\n) AS answer`,
  );
  return rows;
}
