/** Values by period, the newest last; undefined where there is none. */
export type Series = readonly (number | undefined)[];

/**
 * The value of a metric math expression of the kinds that the alarms use: series by their ids, numbers, FILL with a number,
 * plus, minus and parentheses. A value that is missing counts as 0 where the other operand has one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @throws an error that names what it does not know
 */
export function evaluate(expression: string, series: ReadonlyMap<string, Series>): Series {
  const tokens = expression.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|\S/g) ?? [];
  const length = [...series.values()][0]?.length ?? 0;

  const take = (expected?: string): string => {
    const token = tokens.shift();
    if (token !== undefined && (expected === undefined || token === expected)) return token;
    throw new Error(`${JSON.stringify(expression)}: expected ${expected ?? 'more'}, found ${token ?? 'the end'}`);
  };

  function operand(): Series {
    const token = take();
    if (token === '(') {
      const inner = sum();
      take(')');
      return inner;
    }
    if (token === 'FILL') {
      take('(');
      const filled = sum();
      take(',');
      const filler = Number(take());
      take(')');
      return filled.map((value) => value ?? filler);
    }
    if (/^\d/.test(token)) return Array<number>(length).fill(Number(token));
    const named = series.get(token);
    if (named === undefined) throw new Error(`${JSON.stringify(expression)}: ${token} is not known`);
    return named;
  }

  function sum(): Series {
    let total = operand();
    while (tokens[0] === '+' || tokens[0] === '-') {
      const sign = take() === '+' ? 1 : -1;
      const other = operand();
      total = total.map((value, i) =>
        value === undefined && other[i] === undefined ? undefined : (value ?? 0) + sign * (other[i] ?? 0),
      );
    }
    return total;
  }

  const result = sum();
  if (tokens.length > 0) throw new Error(`${JSON.stringify(expression)}: ${tokens[0]!} is not known`);
  return result;
}
