// The DICOM port, as the configuration has it.
import { readFile } from 'node:fs/promises';
import type { Caller } from '../dicom/dimse/contexts.ts';
import { DimseServer, type DimseServerOptions } from '../dicom/dimse/scp/server.ts';
import type { Config } from '../setup/config.ts';
import type { Lifecycle } from '../system/lifecycle.ts';

/** Listens; gives the port. @throws PeerError net/port-taken, and what reading a certificate's file throws */
export async function startDicomServer(
  { dimse }: Config,
  patience: Pick<DimseServerOptions, 'idleMs' | 'artimMs'>,
  parts: ConstructorParameters<typeof DimseServer>[1],
  lifecycle: Lifecycle,
): Promise<number> {
  const server = new DimseServer({ ...(await dimseOptions(dimse)), ...patience }, parts);
  const { port } = await server.listen();
  lifecycle.started('dimse', () => server.close());
  return port;
}

async function dimseOptions(dimse: Config['dimse']): Promise<DimseServerOptions> {
  const { aeTitle, port, host, callers, maxAssociations } = dimse;
  const pem = (path: string) => readFile(path, 'utf8');
  const tls = dimse.tls && {
    cert: await pem(dimse.tls.cert),
    key: await pem(dimse.tls.key),
    ...(dimse.tls.ca !== undefined && { ca: await pem(dimse.tls.ca) }),
  };
  return {
    aeTitle,
    port,
    ...(host !== undefined && { host }),
    ...(tls && { tls }),
    ...(callers && { callers: callers as Caller[] }),
    ...(maxAssociations !== undefined && { maxAssociations }),
  };
}
