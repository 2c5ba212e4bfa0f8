/** The rates of one day. */
export interface EcbDay {
  readonly time: string;
  readonly rates: Readonly<Record<string, string>>;
}

/** A file as the ECB writes it. */
export const ecbFile = (...days: readonly EcbDay[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
${days.map(dayElement).join('\n')}
  </Cube>
</gesmes:Envelope>
`;

const dayElement = ({ time, rates }: EcbDay): string => {
  const each = Object.entries(rates).map(([currency, rate]) => `<Cube currency="${currency}" rate="${rate}"/>`);
  return `<Cube time="${time}">${each.join('')}</Cube>`;
};

/** So many days from the first on, YYYY-MM-DD. */
export const days = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    new Date(Date.parse(`${first}T00:00:00Z`) + i * 86_400_000).toISOString().slice(0, 10),
  );
