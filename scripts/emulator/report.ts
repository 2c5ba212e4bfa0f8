/** What a run has proved, sentence by sentence, as it goes. */
export class Report {
  readonly #started = performance.now();
  #proved = 0;

  /** Announces a part of the run. */
  part(title: string): void {
    console.log(`\n== ${title}`);
  }

  /**
   * Runs a check and says what it has shown.
   *
   * @param claim a sentence that is true if the check does not throw
   * @param check resolves to a figure or a detail for the report
   * @throws Error that names the claim
   */
  async prove(claim: string, check: () => Promise<string>): Promise<void> {
    const started = performance.now();
    let detail: string;
    try {
      detail = await check();
    } catch (error) {
      throw new Error(`not shown: ${claim}`, { cause: error });
    }
    this.#proved++;
    console.log(`ok  ${claim}: ${detail}  (${seconds(started)})`);
  }

  /** Runs work that proves nothing by itself. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    console.log(`    ${what}  (${seconds(started)})`);
    return result;
  }

  end(): void {
    console.log(`\n${this.#proved} claims proved in ${seconds(this.#started)}`);
  }
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
