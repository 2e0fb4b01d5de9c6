// What stands around the content of a structured report when it is shown.
import { said } from './said.ts';

export const report = {
  'report.patient': said({
    en: 'Patient',
    ro: 'Pacient',
    ru: 'Пациент',
  }),
  'report.date': said({
    en: 'Date',
    ro: 'Data',
    ru: 'Дата',
  }),
  'report.referring': said({
    en: 'Referring physician',
    ro: 'Medic trimițător',
    ru: 'Направивший врач',
  }),
  'report.authors': said({
    en: 'Authors',
    ro: 'Autori',
    ru: 'Авторы',
  }),
  'report.state': said({
    en: 'State',
    ro: 'Stare',
    ru: 'Состояние',
  }),
  'report.verifiedBy': said({
    en: 'Verified by',
    ro: 'Verificat de',
    ru: 'Подтверждено',
  }),
  'report.COMPLETE': said({
    en: 'COMPLETE',
    ro: 'COMPLET',
    ru: 'ЗАВЕРШЕНО',
  }),
  'report.PARTIAL': said({
    en: 'PARTIAL',
    ro: 'PARȚIAL',
    ru: 'ЧАСТИЧНО',
  }),
  'report.VERIFIED': said({
    en: 'VERIFIED',
    ro: 'VERIFICAT',
    ru: 'ПОДТВЕРЖДЕНО',
  }),
  'report.UNVERIFIED': said({
    en: 'UNVERIFIED',
    ro: 'NEVERIFICAT',
    ru: 'НЕ ПОДТВЕРЖДЕНО',
  }),
  'report.IMAGE': said({
    en: 'Image',
    ro: 'Imagine',
    ru: 'Изображение',
  }),
  'report.COMPOSITE': said({
    en: 'Object',
    ro: 'Obiect',
    ru: 'Объект',
  }),
  'report.WAVEFORM': said({
    en: 'Waveform',
    ro: 'Formă de undă',
    ru: 'Кривая',
  }),
  'report.SCOORD': said({
    en: 'Region',
    ro: 'Regiune',
    ru: 'Область',
  }),
  'report.SCOORD3D': said({
    en: 'Region',
    ro: 'Regiune',
    ru: 'Область',
  }),
  'report.TCOORD': said({
    en: 'Time',
    ro: 'Timp',
    ru: 'Время',
  }),
  'report.see': said({
    en: 'see item {item}',
    ro: 'vezi elementul {item}',
    ru: 'см. элемент {item}',
  }),
  'report.more': said({
    en: '{points} and {rest} more',
    ro: '{points} și încă {rest}',
    ru: '{points} и ещё {rest}',
  }),
  'report.samples': said({
    en: '{range} samples {samples}',
    ro: '{range} eșantioanele {samples}',
    ru: '{range} отсчёты {samples}',
  }),
  'report.frames': said({
    en: 'frames {list}',
    ro: 'cadrele {list}',
    ru: 'кадры {list}',
  }),
  'report.segments': said({
    en: 'segments {list}',
    ro: 'segmentele {list}',
    ru: 'сегменты {list}',
  }),
  'report.channels': said({
    en: 'channels {list}',
    ro: 'canalele {list}',
    ru: 'каналы {list}',
  }),
};
