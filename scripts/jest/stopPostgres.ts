export default async function stop(): Promise<void> {
  await Promise.all(globalThis.totesPostgres.map((server) => server.stop()));
}
