/** How a client of S3 asks: the options of its constructor that are the same for the lake and for the report. */
export const s3Requests = {
  // The SDK's default of three attempts is soon used up while S3 scales to a sudden load and answers SlowDown.
  maxAttempts: 5,
  // Without these a connection that went silent would hold a run until its own time limit.
  requestHandler: {
    connectionTimeout: 5_000,
    requestTimeout: 120_000,
    throwOnRequestTimeout: true,
    // Longer than a reader of a stream may pause, for the lake or for a database that makes it wait.
    socketTimeout: 300_000,
  },
} as const;
