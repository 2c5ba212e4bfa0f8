import { openStack } from './openStack.ts';
import type { Stack } from './stack.ts';

/** What `--stack` stands in for. */
export interface Places {
  readonly lake: string;
  readonly source: string;
  readonly warehouse: string;
  readonly schema: string;
  readonly sourceSchema: string;
}

export const placesOf = ({ lake, secrets, warehouseSchema, sourceSchema }: Stack): Places => ({
  lake,
  ...secrets,
  schema: warehouseSchema,
  sourceSchema,
});

/** The options of a command with the places of the stack that they name, if they name one. Throws ConfigInvalid. */
export async function withPlaces<Options extends object>(options: Options & { stack?: string }): Promise<Options> {
  return options.stack === undefined ? options : { ...options, ...placesOf(await openStack(options.stack)) };
}
