import { main } from './program.ts';

// Whoever reads may have enough, as `head` has: of results, that ends the command; of progress, it does not.
for (const [stream, go] of [
  [process.stdout, () => process.exit(0)],
  [process.stderr, () => undefined],
] as const) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    go();
  });
}

process.exitCode = await main(process.argv.slice(2));
