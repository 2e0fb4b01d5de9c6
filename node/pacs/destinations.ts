// Where C-MOVE sends to: DICOM nodes of the configuration, over associations of our own.
import { must, PeerError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { DimseClient } from '../dicom/dimse/scu/client.ts';
import type { Proposal } from '../dicom/dimse/scu/requestor.ts';
import type {
  Destinations,
  MoveOriginator,
  OpenedInstance,
  RetrievedInstance,
  StoreTarget,
} from '../dicom/dimse/services.ts';
import { explicitVrLittleEndian, implicitVrLittleEndian } from '../dicom/dimse/uids.ts';
import type { Remotes } from './remotes.ts';

/** Associations that one C-MOVE opens, when the destination ends them in between. */
const mostAssociations = 3;

export const destinationsOf = (remotes: Pick<Remotes, 'list' | 'connect'>): Destinations => ({
  open: (aeTitle, instances, originator) =>
    remotes.list().some((remote) => remote.aeTitle === aeTitle)
      ? new Destination({ aeTitle, originator, contexts: proposals(instances) }, remotes)
      : undefined,
});

/**
 * Each SOP class in each transfer syntax that it is stored in, by itself, so that the destination takes what it can; and in
 * those that everybody has, for what can be transcoded. What passes 128 contexts is left out, the latter first.
 */
function proposals(instances: readonly RetrievedInstance[]): Proposal[] {
  const stored = new Map<string, Proposal>();
  const plain = new Map<string, Proposal>();
  for (const { sopClassUid: abstractSyntax, transferSyntax } of instances) {
    stored.set(`${abstractSyntax} ${transferSyntax}`, { abstractSyntax, transferSyntaxes: [transferSyntax] });
    plain.set(abstractSyntax, { abstractSyntax, transferSyntaxes: [explicitVrLittleEndian, implicitVrLittleEndian] });
  }
  return [...stored.values(), ...plain.values()].slice(0, limits.dimseContexts);
}

class Destination implements StoreTarget {
  readonly #options: { aeTitle: string; originator: MoveOriginator; contexts: readonly Proposal[] };
  readonly #remotes: Pick<Remotes, 'connect'>;
  #client: DimseClient | undefined;
  #opened = 0;

  constructor(
    options: { aeTitle: string; originator: MoveOriginator; contexts: readonly Proposal[] },
    remotes: Pick<Remotes, 'connect'>,
  ) {
    this.#options = options;
    this.#remotes = remotes;
  }

  async accepted(sopClassUid: string): Promise<readonly string[]> {
    const client = await this.#connected();
    return client.contexts
      .filter(({ abstractSyntax }) => abstractSyntax === sopClassUid)
      .map(({ transferSyntax }) => transferSyntax);
  }

  async store({ sopClassUid, sopInstanceUid }: RetrievedInstance, opened: OpenedInstance): Promise<number> {
    const client = await this.#connected();
    const { originator: moveOriginator } = this.#options;
    try {
      return await client.store({ sopClassUid, sopInstanceUid, ...opened, moveOriginator });
    } catch (error) {
      // not taken, and the association goes on; anything else has ended it
      if (!(error instanceof PeerError) || error.code !== 'dimse/context-refused') this.#drop(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    // all that was answered counts, however the destination ends the association
    await this.#client?.release().catch(() => undefined);
  }

  abort(): void {
    this.#opened = mostAssociations;
    this.#client?.abort();
  }

  async #connected(): Promise<DimseClient> {
    if (this.#client !== undefined) return this.#client;
    must(this.#opened < mostAssociations, 'dimse/closed');
    this.#opened++;
    const { aeTitle, contexts } = this.#options;
    try {
      this.#client = await this.#remotes.connect(aeTitle, { contexts });
    } catch (error) {
      this.#opened = mostAssociations; // whoever can't be reached now is not tried for each instance again
      throw error;
    }
    return this.#client;
  }

  #drop(client: DimseClient): void {
    client.abort();
    if (this.#client === client) this.#client = undefined;
  }
}
