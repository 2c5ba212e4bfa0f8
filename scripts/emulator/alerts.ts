import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import type { Cloud } from './cloud.ts';
import { until } from './until.ts';

export interface Alert {
  readonly subject: string;
  readonly text: string;
}

/** Hears what is published to a topic, as a subscriber. */
export class Listener {
  readonly #cloud: Cloud;
  readonly #queue: string;
  readonly #subscription: string;
  /** All that was heard. */
  readonly heard: Alert[] = [];

  private constructor(cloud: Cloud, queue: string, subscription: string) {
    this.#cloud = cloud;
    this.#queue = queue;
    this.#subscription = subscription;
  }

  static async on(cloud: Cloud, topicArn: string): Promise<Listener> {
    const name = `e2e-alerts-${Date.now()}`;
    const [region, account] = topicArn.split(':').slice(3, 5);
    const statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' };
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ ...statement, Resource: `arn:aws:sqs:${region}:${account}:${name}` }],
    });
    const { QueueUrl } = await cloud.queues.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
    const { Attributes } = await cloud.queues.send(
      new GetQueueAttributesCommand({ QueueUrl: QueueUrl!, AttributeNames: ['QueueArn'] }),
    );
    const { SubscriptionArn } = await cloud.topics.send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes!.QueueArn! }),
    );
    return new Listener(cloud, QueueUrl!, SubscriptionArn!);
  }

  /** Waits for an alert whose text has this in it. */
  waitFor(words: string, seconds = 60): Promise<Alert> {
    return until(`an alert of "${words}"`, seconds, async () => {
      await this.receive();
      return this.heard.find(({ text }) => text.includes(words));
    });
  }

  /** Takes what was published since the last look. */
  async receive(): Promise<void> {
    const { Messages = [] } = await this.#cloud.queues.send(
      new ReceiveMessageCommand({ QueueUrl: this.#queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      const { Subject, Message } = JSON.parse(Body!) as { Subject?: string; Message: string };
      this.heard.push({ subject: Subject ?? '', text: Message });
      await this.#cloud.queues.send(new DeleteMessageCommand({ QueueUrl: this.#queue, ReceiptHandle: ReceiptHandle! }));
    }
  }

  async close(): Promise<void> {
    await this.#cloud.topics.send(new UnsubscribeCommand({ SubscriptionArn: this.#subscription }));
    await this.#cloud.queues.send(new DeleteQueueCommand({ QueueUrl: this.#queue }));
  }
}
