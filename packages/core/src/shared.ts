/**
 * Does a piece of work for each item, as many at once as there are workers, each of which takes the next one when it is done.
 * After the first failure none is begun; what was begun is waited for.
 *
 * @returns the results in the order of the items
 * @throws the first failure
 */
export async function shared<Worker, Item, Result>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (next < items.length && failures.length === 0) {
        const at = next++;
        await work(worker, items[at]!).then(
          (result) => (results[at] = result),
          (error: unknown) => failures.push(error),
        );
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  return results;
}
