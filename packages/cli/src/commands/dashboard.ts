import type { Command, Json, Output } from '../command.ts';
import { expires, out, privateKey, schema, stack, warehouse } from '../options.ts';
import { formatBytes, formatNumber, formatSeconds } from '../output.ts';
import { openStack } from '../stack/openStack.ts';
import type { LinkResult } from '../stack/dashboard.ts';
import type { ShownPage } from '../stack/reportPage.ts';

type Options = Json & {
  readonly warehouse: string;
  readonly schema: string;
  readonly out?: string;
  readonly stack?: string;
  readonly expires?: number;
  readonly key?: string;
};

const day = 86_400;

/** How long a link lasts unless it is said; what S3 honours at most: both in seconds. */
const [usual, mostOfS3] = [day / 2, 7 * day];

const dashboard: Command = {
  name: 'dashboard',
  description: 'write the business report as one web page, from the warehouse alone; or link to the one of a stack',
  options: [warehouse(), out(), schema(), stack(), expires(), privateKey()],
  examples: [
    'totes dashboard --warehouse postgres://analyst@warehouse.example/analytics --out ./report',
    'totes dashboard --warehouse secret:warehouse --schema star --out ./report --json',
    'totes dashboard --stack terraform --expires 12h',
    'totes dashboard --stack terraform --key report.pem --expires 30d',
    'totes dashboard --stack terraform --out ./report',
  ],
  misuse({ stack: place, out: folder, expires: seconds, key }: Options) {
    const ofLink = [...(seconds === undefined ? [] : ['--expires']), ...(key === undefined ? [] : ['--key'])];
    if (ofLink.length > 0 && (place === undefined || folder !== undefined)) {
      return `${ofLink.join(' and ')} is of the link that --stack without --out gives`;
    }
    if (seconds === 0) return '--expires 0 is a link that has ended: write a time, as 12h';
    if (key === undefined && seconds !== undefined && seconds > mostOfS3) {
      return '--expires: S3 honours a link for 7d at most; one to a CloudFront distribution, signed with --key, lasts longer';
    }
    return undefined;
  },
  async run(options: Options, output) {
    if (options.stack !== undefined) return ofStack(options, options.stack, output);
    const { print, terminal } = output;
    const { writeDashboard } = await import('../dashboard.ts');
    terminal.progress('dashboard reading the warehouse');
    const result = await writeDashboard({ ...options, out: options.out! });
    print(options, result, () => [
      `${result.path}: ${formatNumber(result.orders)} orders, ${formatBytes(result.bytes)}, ${formatSeconds(result.seconds)}`,
    ]);
    return true;
  },
};

async function ofStack(options: Options, place: string, { print }: Output): Promise<true> {
  const { downloadReport, linkToReport } = await import('../stack/dashboard.ts');
  const opened = await openStack(place);
  if (options.out !== undefined) {
    const result = await downloadReport(opened, options.out);
    print(options, result, () => [`${result.path}: ${shownText(result)}, ${formatBytes(result.bytes)}`]);
  } else {
    const { expires: seconds = usual, key } = options;
    const result = await linkToReport(opened, { expires: seconds, key }, new Date());
    print(options, result, () => linkLines(result));
  }
  return true;
}

const shownText = ({ version, loadedAt, writtenAt }: ShownPage): string =>
  version === null ? `written ${writtenAt}` : `version ${version}, loaded ${loadedAt!}, written ${writtenAt}`;

const linkLines = (result: LinkResult): string[] => [
  result.url,
  `The page: ${shownText(result)}. The link shows the newest page each time it is opened.`,
  result.mayEndSooner
    ? `It ends ${result.expires}, or before with the session of the temporary credentials that signed it.`
    : `It ends ${result.expires}.`,
  'Whoever has the link can read the page: send it to whom it is for.',
];

export const dashboardCommands = [dashboard];
