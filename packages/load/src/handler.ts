import { runLoad } from './container.ts';

/** The Lambda function: brings the warehouse up to the processed log. The event is only a hint that there is work. */
export const handler = () => runLoad(process.env);
