import { isClean, type Verdict } from './verdict.ts';

/** What one part of the attacks found. */
export interface Outcome {
  /** Lines for people: tables and totals. */
  readonly lines: readonly string[];
  /** What came out wrong; empty where nothing did. */
  readonly failures: readonly string[];
}

/** Tries a case: gives what it judged, with an error told as a problem, and never throws. */
export async function tried(what: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await what();
  } catch (error) {
    return { lost: 0, doubled: 0, altered: 0, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

/** A failure as a line that names the case, and lines that say what was seen. */
export const failureLines = (name: string, verdict: Verdict): string =>
  isClean(verdict)
    ? ''
    : `${name}: ${verdict.lost} lost, ${verdict.doubled} doubled, ${verdict.altered} altered\n` +
      verdict.problems.map((problem) => `    ${problem.slice(0, 600)}`).join('\n');
