// The authority's commands.
import type { federation as english } from '../en/federation.ts';
import type { Texts } from '../types.ts';

export const federation = {
  'federation.about': 'работа уполномоченного органа: списки, участники, хранители ключа (без сети)',
  'federation.create.about': 'ключ уполномоченного органа и список 0 новой федерации',
  'federation.create.name': 'название федерации',
  'federation.create.system': 'URI системы национального идентификатора пациента',
  'federation.create.keys':
    "файлы открытых ключей других уполномоченных органов (каждый делает свой командой 'federation key')",
  'federation.create.threshold': 'сколько органов должны подписать; больше половины',
  'federation.key.about': 'создать ключ этого органа и файл открытого ключа для передачи',
  'federation.key.done': 'Передайте {key} тому, кто создаёт федерацию; открытый ключ {publicKey}',
  'federation.admit.about': 'принять узлы из заявок на вступление',
  'federation.admit.fingerprint': '{name}: пусть прочтут по телефону, сверьте  {fingerprint}',
  'federation.expel.about': 'исключить участника навсегда: id участника, id узла или название',
  'federation.keepers.about': 'раздать новый ключ индекса этим участникам; если никто не назван, всем больницам',
  'federation.keepers.threshold': 'сколько хранителей нужно, чтобы искать пациента; если не указано, больше половины',
  'federation.propose.about': 'несколько изменений в одном списке; без изменений — тот же список ещё на год',
  'federation.sign.about': 'подписать предложение другого органа после его проверки',
  'federation.assemble.about': 'собрать подписи со всех копий предложения и опубликовать список',
  'federation.show.about': 'показать список этой папки или файл списка',
  'federation.published': 'Список {number} находится в {roster}; раздайте его или передайте одному работающему узлу.',
  'federation.proposed':
    'У списка {number} подписей {signatures} из {needed}: {proposal}. Другие органы подписывают его командой federation sign, затем federation assemble публикует его.',
  'federation.fingerprint': 'Отпечаток федерации: {fingerprint}',
  'federation.head': 'Участник|Название|Страна|Вид|Хранитель|Узел',
  'federation.change.admitted': 'принимает {name}, участник {id}, узел {peerId}',
  'federation.change.expelled': 'исключает {name}, участник {id}, узел {peerId}',
  'federation.change.new key': 'даёт {name}, участник {id}, новый ключ: {peerId}',
  'federation.change.keepers': 'раздаёт новый ключ индекса, любые {t} из {members}',
  'federation.change.authorities': 'подписывается любыми {k} из {keys}',
} as const satisfies Texts<typeof english>;
