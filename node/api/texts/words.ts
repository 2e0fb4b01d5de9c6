// Small words: units, words for what the API names by a code, and the names of facts behind an error's sentence.
import { said } from './said.ts';

export const words = {
  yes: said({
    en: 'yes',
    ro: 'da',
    ru: 'да',
  }),
  no: said({
    en: 'no',
    ro: 'nu',
    ru: 'нет',
  }),
  units: said({
    en: 'B|kB|MB|GB|TB',
    ro: 'B|kB|MB|GB|TB',
    ru: 'Б|кБ|МБ|ГБ|ТБ',
  }),
  rate: said({
    en: '{size}/s',
    ro: '{size}/s',
    ru: '{size}/с',
  }),
  'word.agency': said({
    en: 'agency',
    ro: 'agenție',
    ru: 'ведомство',
  }),
  'word.answered': said({
    en: 'answered',
    ro: 'a răspuns',
    ru: 'ответ получен',
  }),
  'word.completed': said({
    en: 'completed',
    ro: 'încheiat',
    ru: 'завершено',
  }),
  'word.conflict': said({
    en: 'conflict',
    ro: 'conflict',
    ru: 'конфликт',
  }),
  'word.denied': said({
    en: 'denied',
    ro: 'refuzat',
    ru: 'отказано',
  }),
  'word.discontinued': said({
    en: 'discontinued',
    ro: 'întrerupt',
    ru: 'прекращено',
  }),
  'word.done': said({
    en: 'done',
    ro: 'gata',
    ru: 'готово',
  }),
  'word.dropped': said({
    en: 'dropped',
    ro: 'șters',
    ru: 'удалено',
  }),
  'word.duplicate': said({
    en: 'duplicate',
    ro: 'exista deja',
    ru: 'уже было',
  }),
  'word.expired': said({
    en: 'expired',
    ro: 'expirat',
    ru: 'истекло',
  }),
  'word.failed': said({
    en: 'failed',
    ro: 'eșuat',
    ru: 'не удалось',
  }),
  'word.granted': said({
    en: 'granted',
    ro: 'aprobat',
    ru: 'разрешено',
  }),
  'word.hospital': said({
    en: 'hospital',
    ro: 'spital',
    ru: 'больница',
  }),
  'word.idle': said({
    en: 'idle',
    ro: 'în repaus',
    ru: 'бездействует',
  }),
  'word.imported': said({
    en: 'imported',
    ro: 'importat',
    ru: 'принято',
  }),
  'word.in': said({
    en: 'in',
    ro: 'primită',
    ru: 'входящий',
  }),
  'word.in-progress': said({
    en: 'in-progress',
    ro: 'în lucru',
    ru: 'выполняется',
  }),
  'word.offline': said({
    en: 'offline',
    ro: 'fără legătură',
    ru: 'нет связи',
  }),
  'word.out': said({
    en: 'out',
    ro: 'trimisă',
    ru: 'исходящий',
  }),
  'word.pausing': said({
    en: 'pausing',
    ro: 'în pauză',
    ru: 'пауза',
  }),
  'word.pending': said({
    en: 'pending',
    ro: 'în așteptare',
    ru: 'ожидает решения',
  }),
  'word.quarantine': said({
    en: 'quarantine',
    ro: 'carantină',
    ru: 'карантин',
  }),
  'word.queued': said({
    en: 'queued',
    ro: 'la rând',
    ru: 'в очереди',
  }),
  'word.received': said({
    en: 'received',
    ro: 'sosit',
    ru: 'получено',
  }),
  'word.relay': said({
    en: 'relay',
    ro: 'releu',
    ru: 'ретранслятор',
  }),
  'word.requested': said({
    en: 'requested',
    ro: 'solicitat',
    ru: 'назначено',
  }),
  'word.revoked': said({
    en: 'revoked',
    ro: 'revocat',
    ru: 'отозвано',
  }),
  'word.running': said({
    en: 'running',
    ro: 'în desfășurare',
    ru: 'выполняется',
  }),
  'word.scheduled': said({
    en: 'scheduled',
    ro: 'programat',
    ru: 'запланировано',
  }),
  'word.sending': said({
    en: 'sending',
    ro: 'se trimite',
    ru: 'отправляется',
  }),
  'word.transferring': said({
    en: 'transferring',
    ro: 'se transferă',
    ru: 'передаётся',
  }),
  'fact.allowed': said({
    en: 'allowed',
    ro: 'permis',
    ru: 'допустимо',
  }),
  'fact.at': said({
    en: 'at',
    ro: 'la',
    ru: 'место',
  }),
  'fact.clock': said({
    en: 'this clock says',
    ro: 'acest ceas arată',
    ru: 'эти часы показывают',
  }),
  'fact.count': said({
    en: 'count',
    ro: 'câte',
    ru: 'количество',
  }),
  'fact.k': said({
    en: 'k',
    ro: 'k',
    ru: 'k',
  }),
  'fact.keepers': said({
    en: 'keepers',
    ro: 'păstrători',
    ru: 'хранителей',
  }),
  'fact.members': said({
    en: 'members',
    ro: 'membri',
    ru: 'участников',
  }),
  'fact.message': said({
    en: 'message',
    ro: 'mesaj',
    ru: 'сообщение',
  }),
  'fact.n': said({
    en: 'n',
    ro: 'n',
    ru: 'n',
  }),
  'fact.number': said({
    en: 'number',
    ro: 'număr',
    ru: 'номер',
  }),
  'fact.problem': said({
    en: 'problem',
    ro: 'problema',
    ru: 'ошибка',
  }),
  'fact.address': said({
    en: 'address',
    ro: 'adresa',
    ru: 'адрес',
  }),
  'fact.path': said({
    en: 'path',
    ro: 'cale',
    ru: 'путь',
  }),
  'fact.pid': said({
    en: 'pid',
    ro: 'pid',
    ru: 'pid',
  }),
  'fact.port': said({
    en: 'port',
    ro: 'port',
    ru: 'порт',
  }),
  'fact.remaining': said({
    en: 'remaining',
    ro: 'rămași',
    ru: 'осталось',
  }),
  'fact.roster': said({
    en: 'the last roster is of',
    ro: 'ultima listă este din',
    ru: 'последний список от',
  }),
  'fact.t': said({
    en: 't',
    ro: 't',
    ru: 't',
  }),
};
