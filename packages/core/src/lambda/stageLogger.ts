import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

/** Powertools' own format also has keys that say the same in every line here, such as a sampling rate of 0. */
class StageFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName: service } = attributes;
    return (
      new LogItem({ attributes: { level, message, timestamp: this.formatTimestamp(timestamp), service } })
        // What every line has stands first.
        .addAttributes(more)
    );
  }
}

/**
 * Writes each line as one JSON object on stdout, whatever its level. Powertools would write warnings and errors to stderr:
 * Lambda reads the two apart, so a warning could follow the line that ends its call. Not by the global console: with
 * JSON as the function's log format Lambda puts what that is given into an object of its own, and stdout passes as it is.
 */
export class StageLogger extends Logger {
  /**
   * @param service the function's name
   * @param keys what every line has
   */
  constructor(service: string, keys: LogAttributes) {
    super({ serviceName: service, persistentKeys: keys, logFormatter: new StageFormatter() });
  }

  protected override printLog(_level: number, line: LogItem): void {
    line.prepareForPrint();
    process.stdout.write(`${JSON.stringify(line.getAttributes(), this.getJsonReplacer())}\n`);
  }
}
