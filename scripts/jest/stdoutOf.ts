/** Runs `work` and gives its result and what it wrote on stdout meanwhile, which Lambda would take for its log. */
export async function stdoutOf<T>(work: () => Promise<T>): Promise<{ result: T; written: string }> {
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  let written = '';
  stdout.write = (chunk: string | Uint8Array): boolean => {
    written += String(chunk);
    return true;
  };
  try {
    return { result: await work(), written };
  } finally {
    stdout.write = write;
  }
}
