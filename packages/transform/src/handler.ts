import { run } from './container.ts';

/** The Lambda function: brings the processed log up to the raw log. The event is only a hint that there is work. */
export const handler = () => run(process.env);
