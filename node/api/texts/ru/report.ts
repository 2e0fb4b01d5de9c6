// What stands around the content of a structured report when it is shown.
import type { report as english } from '../en/report.ts';
import type { Texts } from '../types.ts';

export const report = {
  'report.patient': 'Пациент',
  'report.date': 'Дата',
  'report.referring': 'Направивший врач',
  'report.authors': 'Авторы',
  'report.state': 'Состояние',
  'report.verifiedBy': 'Подтверждено',
  'report.COMPLETE': 'ЗАВЕРШЕНО',
  'report.PARTIAL': 'ЧАСТИЧНО',
  'report.VERIFIED': 'ПОДТВЕРЖДЕНО',
  'report.UNVERIFIED': 'НЕ ПОДТВЕРЖДЕНО',
  'report.IMAGE': 'Изображение',
  'report.COMPOSITE': 'Объект',
  'report.WAVEFORM': 'Кривая',
  'report.SCOORD': 'Область',
  'report.SCOORD3D': 'Область',
  'report.TCOORD': 'Время',
  'report.see': 'см. элемент {item}',
  'report.more': '{points} и ещё {rest}',
  'report.samples': '{range} отсчёты {samples}',
  'report.frames': 'кадры {list}',
  'report.segments': 'сегменты {list}',
  'report.channels': 'каналы {list}',
} as const satisfies Texts<typeof english>;
