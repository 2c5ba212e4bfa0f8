/** The metrics of our own functions that a dashboard shows: the name, the dimensions, and the function. */
export function shownMetrics(dashboard: string): string[] {
  const { widgets } = JSON.parse(dashboard) as {
    widgets: { properties: { metrics?: ([{ expression: string }] | string[])[] } }[];
  };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap((metric) => {
      const [first, name, dimension, service] = metric as [string | { expression: string }, string, string, string];
      if (first === 'Totes') return [[name, dimension, service].join(' ')];
      if (typeof first === 'string') return [];
      const search = /^SEARCH\('{Totes,(.+)} MetricName="(\w+)" service="(.+)"', /.exec(first.expression);
      return search === null ? [] : [[search[2], ...search[1]!.split(','), search[3]].join(' ')];
    }),
  );
}
