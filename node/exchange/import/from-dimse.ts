// C-STORE into the importer: 0000H only when everything is on disk.
import { catalogue } from '../../../protocol/errors.ts';
import type { OpenStore, StoreInfo } from '../../dicom/dimse/sink.ts';
import type { Events } from '../../system/events.ts';
import type { Imported } from './arriving-instance.ts';
import type { Importer } from './importer.ts';

/** What became of an instance, as a DIMSE status (PS3.7 C; catalogue). */
const statusOf = (imported: Imported): number => (imported.outcome === 'aside' ? catalogue[imported.reason].dimse : 0);

export const storeInto =
  (importer: Importer, events: Events): OpenStore =>
  async (info: StoreInfo) => {
    const { sopClassUid, sopInstanceUid, transferSyntax, callingAe, remoteAddress } = info;
    const from = `${callingAe} ${remoteAddress}`;
    const incoming = await importer.open({
      instance: { sopClassUid, sopInstanceUid },
      transferSyntax,
      from,
      callingAe,
    });
    return {
      write: (bytes) => incoming.write(bytes),
      async finish() {
        const imported = await incoming.finish();
        const outcome = imported.outcome === 'aside' ? imported.kind : imported.outcome;
        events.instanceArrived('dimse', outcome);
        return statusOf(imported);
      },
      abort: () => incoming.abort(),
    };
  };
