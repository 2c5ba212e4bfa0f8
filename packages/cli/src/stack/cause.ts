import { functionNames } from './stack.ts';

/** Why a run failed. */
export interface Cause {
  /** Undefined where it is of no stage: a run that was stopped, or that reached its time limit. */
  readonly stage?: string;
  readonly message: string;
}

const ofStage = new RegExp(`^(${functionNames.join('|')}) failed: (.*)$`, 's');

/**
 * Reads the cause of a failed execution: `load failed: ` and what Lambda reports of the error, as JSON that Step Functions
 * may have cut off (terraform/pipeline.asl.json, its state "Failed").
 */
export function parseCause(text: string): Cause {
  const [, stage, rest = text] = ofStage.exec(text) ?? [];
  return { ...(stage !== undefined && { stage }), message: messageOf(rest).replace(/\s+/g, ' ').trim() };
}

function messageOf(text: string): string {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : text;
  } catch {
    return text;
  }
}
