import { normal, type Token } from './tokens.ts';

const guide = 'https://docs.aws.amazon.com/redshift/latest/dg/';

/** What Redshift refuses, or takes to mean something else than PostgreSQL: why, and where its manual says so. */
const refused: readonly (readonly [pattern: RegExp, why: string, page: string])[] = [
  [/\bRETURNING\b/, 'INSERT, UPDATE, DELETE and MERGE return no rows', 'r_INSERT_30.html'],
  [/\bON CONFLICT\b/, 'there is no ON CONFLICT; MERGE takes its place', 'r_INSERT_30.html'],
  [/\bLATERAL\b/, 'no lateral joins', 'r_FROM_clause30.html'],
  [/\bDISTINCT FROM\b/, 'no IS DISTINCT FROM', 'r_comparison_condition.html'],
  [/^WITH\b.*\b(INSERT|UPDATE|DELETE|MERGE)\b/, 'WITH holds queries alone', 'r_WITH_clause.html'],
  [/\bON COMMIT\b/, 'temporary tables last as long as the session', 'r_CREATE_TABLE_NEW.html'],
  [
    /\b(CHECK|DEFERRABLE|GENERATED|EXCLUDE|PARTITION OF)\b/,
    'no such constraint',
    'c_unsupported-postgresql-features.html',
  ],
  [/\bCREATE (UNIQUE )?INDEX\b/, 'no indexes', 'c_unsupported-postgresql-features.html'],
  [/\bADVISORY\b|PG_(TRY_)?ADVISORY/, 'no advisory locks', 'c_unsupported-postgresql-functions.html'],
  [/\bSELECT FROM\b/, 'a query selects something', 'r_SELECT_synopsis.html'],
  [
    /(?<!IF NOT )(?<!IF )\bEXISTS\b/,
    'correlated subqueries in a few forms alone: write a join',
    'r_correlated_subqueries.html',
  ],
  [
    /\b(TEXT|JSONB?|UUID|BYTEA|SERIAL|BIGSERIAL|MONEY|XML)\b/,
    'no such type, or TEXT that is VARCHAR(256)',
    'c_unsupported-postgresql-datatypes.html',
  ],
  [/\b(NUMERIC|DECIMAL)\b(?! \()/, 'a numeric without precision is numeric(18,0)', 'r_Numeric_types201.html'],
  [/\b(ARRAY|ANY|UNNEST)\b/, 'no arrays', 'c_unsupported-postgresql-datatypes.html'],
  [
    /\b(NOW|CLOCK_TIMESTAMP|CURRENT_TIMESTAMP|TRANSACTION_TIMESTAMP)\b/,
    'of the leader node alone; write SYSDATE',
    'Date_functions_header.html',
  ],
  [
    /\b(STRING_AGG|JSON_AGG|ARRAY_AGG|JSON_BUILD_OBJECT)\b/,
    'no such function',
    'c_unsupported-postgresql-functions.html',
  ],
  [/\bTRUNCATE\b/, 'TRUNCATE commits the transaction that it is in', 'r_TRUNCATE.html'],
  [/\bSAVEPOINT\b/, 'no savepoints', 'c_unsupported-postgresql-features.html'],
  [/^MERGE INTO (?:"[^"]*" \. )?"[^"]*" (?:AS |")/, 'the target of MERGE has no alias', 'r_MERGE.html'],
  [/^MERGE .* USING \(/, 'the source of MERGE is a table', 'r_MERGE.html'],
  [/^MERGE .*\bMATCHED AND\b/, 'the branches of MERGE have no conditions', 'r_MERGE.html'],
  [/^CREATE OR REPLACE VIEW/, 'a view is replaced by one of the same columns alone', 'r_CREATE_VIEW.html'],
  [/^ALTER TABLE .*ADD COLUMN.*ADD COLUMN/, 'one column in each ALTER TABLE', 'r_ALTER_TABLE.html'],
  [/^LOCK .*\bMODE\b/, 'LOCK has one mode', 'r_LOCK.html'],
  [
    /^SET (LOCAL|CLIENT_ENCODING|BYTEA_OUTPUT|INTERVALSTYLE|EXTRA_FLOAT_DIGITS)/,
    'no such setting',
    'cm_chap_ConfigurationRef.html',
  ],
];

/** The statements that a load needs, by their beginnings. */
const forms: readonly RegExp[] = [
  /^BEGIN READ (WRITE|ONLY)$/,
  /^(COMMIT|ROLLBACK)$/,
  /^SET (DATESTYLE|TIMEZONE) = '[^']*'$/,
  /^LOCK "etl" \. "load_lock"$/,
  /^CREATE SCHEMA "[^"]*"$/,
  /^CREATE TABLE (IF NOT EXISTS )?"[^"]*" \. "[^"]*" \( .* \) DISTSTYLE (ALL|KEY DISTKEY \( "[^"]*" \))( COMPOUND SORTKEY \( [^()]* \))?$/,
  /^CREATE TEMPORARY TABLE "[^"]*" (DISTSTYLE KEY DISTKEY \( "[^"]*" \) )?AS SELECT /,
  /^CREATE TEMPORARY TABLE "[^"]*" \( .* \)( DISTSTYLE KEY DISTKEY \( "[^"]*" \))?$/,
  /^CREATE VIEW "[^"]*" \. "[^"]*" AS SELECT /,
  /^DROP (TABLE|VIEW) /,
  /^ALTER TABLE "[^"]*" \. "[^"]*" ADD COLUMN /,
  /^COMMENT ON (TABLE|COLUMN|VIEW) .* IS '/,
  /^COPY "[^"]*" FROM 's3:\/\/[^']*' IAM_ROLE ('arn:aws[^']*'|DEFAULT) FORMAT AS PARQUET MANIFEST$/,
  /^INSERT INTO .* (SELECT|VALUES) /,
  /^DELETE FROM /,
  /^MERGE INTO (?:"[^"]*" \. )?"[^"]*" USING "[^"]*" AS "[^"]*" ON .* WHEN MATCHED THEN UPDATE SET .* WHEN NOT MATCHED THEN INSERT \( .* \) VALUES \( .* \)$/,
  /^SELECT /,
];

/** Every word that may stand unquoted: names are to be quoted, so that none is taken for a word that Redshift reserves. */
const known = new Set(
  `ADD ALL ALTER AND AS ASC BEGIN BIGINT BOOLEAN BY CASE CHARACTER COALESCE COLUMN COMMENT COMMIT COMPOUND COPY COUNT CREATE
  CURRENT_DATABASE CURRENT_USER DATE DATESTYLE DEFAULT DELETE DESC DISTINCT DISTKEY DISTSTYLE DROP ELSE END ETL EXISTS
  FOREIGN FORMAT FORMAT_TYPE FROM GREATEST GROUP HAS_DATABASE_PRIVILEGE HAVING IAM_ROLE IF IN INSERT INTEGER INTERVAL INTO
  IS JOIN KEY LEFT LIMIT LOCK LPAD MANIFEST MATCHED MAX MERGE MIN NOT NULL NUMERIC OCTET_LENGTH ON ONLY OR ORDER OVER
  PARQUET PARTITION PG_ATTRIBUTE PG_CATALOG PG_CLASS PG_CONSTRAINT PG_NAMESPACE PRIMARY READ REFERENCES ROLLBACK ROW_NUMBER
  SCHEMA SELECT SET SORTKEY STRPOS SYSDATE TABLE TEMPORARY THEN TIME TIMESTAMP TIMESTAMPTZ TIMEZONE TO_CHAR UNION UPDATE
  USING VALUES VARCHAR VARYING VIEW WHEN WHERE WITH WITHOUT WRITE ZONE`.split(/\s+/),
);

/** Functions of the leader node, and its catalog: no query joins them to a table of the cluster. */
const leader = /\bPG_CATALOG\b|\bHAS_DATABASE_PRIVILEGE\b|\bCURRENT_DATABASE\b/;

export class Refused extends Error {}

/** Throws Refused, with the reason, for a statement that Redshift would not take, or that is not known to be one it takes. */
export function check(statement: readonly Token[]): void {
  const sql = normal(statement);
  const bare = normal(statement.map((token) => (token.kind === 'text' ? { ...token, text: "''" } : token)));
  const unnamed = normal(
    statement.map((token) => (token.kind === 'name' || token.kind === 'text' ? { ...token, text: '?' } : token)),
  );
  for (const [pattern, why, page] of refused) {
    const on = pattern.source.includes('"') || pattern.source.startsWith('^') ? bare : unnamed;
    if (pattern.test(on)) throw new Refused(`${why} (${guide}${page}): ${sql.slice(0, 200)}`);
  }
  if (!forms.some((form) => form.test(sql)))
    throw new Refused(`not known to be a statement of Redshift: ${sql.slice(0, 300)}`);
  const word = statement.find(({ kind, text }) => kind === 'word' && !known.has(text.toUpperCase()));
  if (word !== undefined)
    throw new Refused(`not known to be a word of Redshift: ${word.text}, in ${sql.slice(0, 300)}`);
  for (const [, length] of sql.matchAll(/\bVAR(?:CHAR|YING) \( (\d+) \)/g)) {
    if (Number(length) > 65_535) throw new Refused(`a text of ${length!} bytes (${guide}r_Character_types.html)`);
  }
  if (leader.test(unnamed) && /(?:FROM|JOIN) "[^"]*" \. "/.test(bare)) {
    throw new Refused(
      `the catalog with tables of the cluster (${guide}c_SQL_functions_leader_node_only.html): ${sql.slice(0, 200)}`,
    );
  }
}
