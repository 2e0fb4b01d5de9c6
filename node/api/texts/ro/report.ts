// What stands around the content of a structured report when it is shown.
import type { report as english } from '../en/report.ts';
import type { Texts } from '../types.ts';

export const report = {
  'report.patient': 'Pacient',
  'report.date': 'Data',
  'report.referring': 'Medic trimițător',
  'report.authors': 'Autori',
  'report.state': 'Stare',
  'report.verifiedBy': 'Verificat de',
  'report.COMPLETE': 'COMPLET',
  'report.PARTIAL': 'PARȚIAL',
  'report.VERIFIED': 'VERIFICAT',
  'report.UNVERIFIED': 'NEVERIFICAT',
  'report.IMAGE': 'Imagine',
  'report.COMPOSITE': 'Obiect',
  'report.WAVEFORM': 'Formă de undă',
  'report.SCOORD': 'Regiune',
  'report.SCOORD3D': 'Regiune',
  'report.TCOORD': 'Timp',
  'report.see': 'vezi elementul {item}',
  'report.more': '{points} și încă {rest}',
  'report.samples': '{range} eșantioanele {samples}',
  'report.frames': 'cadrele {list}',
  'report.segments': 'segmentele {list}',
  'report.channels': 'canalele {list}',
} as const satisfies Texts<typeof english>;
