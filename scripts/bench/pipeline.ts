import { FunctionProcess } from './functionProcess.ts';
import { stages, type Run, type StageName } from './results.ts';

/** The three functions of a pipeline, each in a process of its own. */
export class Pipeline {
  readonly #functions: Readonly<Record<StageName, FunctionProcess>>;

  private constructor(functions: Readonly<Record<StageName, FunctionProcess>>) {
    this.#functions = functions;
  }

  /**
   * @param modules the functions, as `buildFunctions` gives them
   * @param between the URLs of the databases and the place of the lake
   * @param more what else the functions' environment says
   */
  static async start(
    modules: Readonly<Record<StageName, string>>,
    between: { readonly source: string; readonly warehouse: string; readonly lake: string },
    more: Readonly<Record<string, string>> = {},
  ): Promise<Pipeline> {
    const env = {
      SOURCE_DATABASE: between.source,
      WAREHOUSE_DATABASE: between.warehouse,
      RAW_BUCKET: `${between.lake}/raw`,
      PROCESSED_BUCKET: `${between.lake}/processed`,
      ...more,
    };
    const started = stages.map(async (stage) => [stage, await FunctionProcess.start(modules[stage], env)] as const);
    return new Pipeline(Object.fromEntries(await Promise.all(started)) as Record<StageName, FunctionProcess>);
  }

  /** A run of all three, one after the other. */
  async run(): Promise<Run> {
    const { ingest, transform, load } = this.#functions;
    return { ingest: await ingest.call(), transform: await transform.call(), load: await load.call() };
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#functions).map((each) => each.stop()));
  }
}
