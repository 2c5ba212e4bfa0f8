/** How Node's sockets, name lookups and streams report a fault of the network, or of the other side, that may pass. */
const passingCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
]);

/** The code that Node, PostgreSQL or the operating system gave an error, if any. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether an error says that the other side could not be reached, or went away: trying again may help. */
export function isNetworkFault(error: unknown): boolean {
  // A name with several addresses gives one error for each that was tried.
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors))
    return error.errors.some(isNetworkFault);
  return passingCodes.has(codeOf(error) ?? '');
}
