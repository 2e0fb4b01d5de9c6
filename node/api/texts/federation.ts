// The authority's commands.
import { said } from './said.ts';

export const federation = {
  'federation.about': said({
    en: "the authority's work: rosters, members, keepers (off line)",
    ro: 'lucrul autorității: liste de membri, membri, păstrători ai cheii (fără rețea)',
    ru: 'работа уполномоченного органа: списки, участники, хранители ключа (без сети)',
  }),
  'federation.create.about': said({
    en: 'authority key and roster 0 of a new federation',
    ro: 'cheia autorității și lista 0 a unei federații noi',
    ru: 'ключ уполномоченного органа и список 0 новой федерации',
  }),
  'federation.create.name': said({
    en: 'name of the federation',
    ro: 'numele federației',
    ru: 'название федерации',
  }),
  'federation.create.system': said({
    en: 'system URI of the national patient identifier',
    ro: 'URI-ul sistemului identificatorului național al pacientului',
    ru: 'URI системы национального идентификатора пациента',
  }),
  'federation.create.keys': said({
    en: "public key files of the other authorities (each makes its own with 'federation key')",
    ro: "fișierele cu cheile publice ale celorlalte autorități (fiecare o face pe a sa cu 'federation key')",
    ru: "файлы открытых ключей других уполномоченных органов (каждый делает свой командой 'federation key')",
  }),
  'federation.create.threshold': said({
    en: 'how many authorities must sign; more than half',
    ro: 'câte autorități trebuie să semneze; mai mult de jumătate',
    ru: 'сколько органов должны подписать; больше половины',
  }),
  'federation.key.about': said({
    en: "make this authority's key and the public key file to hand out",
    ro: 'creează cheia acestei autorități și fișierul cu cheia publică de dat altora',
    ru: 'создать ключ этого органа и файл открытого ключа для передачи',
  }),
  'federation.key.done': said({
    en: 'Hand {key} to whoever creates the federation; public key {publicKey}',
    ro: 'Dați {key} celui care creează federația; cheia publică {publicKey}',
    ru: 'Передайте {key} тому, кто создаёт федерацию; открытый ключ {publicKey}',
  }),
  'federation.admit.about': said({
    en: 'admit the peers of join requests',
    ro: 'primește nodurile din cererile de aderare',
    ru: 'принять узлы из заявок на вступление',
  }),
  'federation.admit.fingerprint': said({
    en: '{name}: read over the telephone and compare  {fingerprint}',
    ro: '{name}: cereți să fie citită la telefon și comparați  {fingerprint}',
    ru: '{name}: пусть прочтут по телефону, сверьте  {fingerprint}',
  }),
  'federation.expel.about': said({
    en: 'expel a member for good: member id, peer id or name',
    ro: 'exclude definitiv un membru: id-ul membrului, id-ul nodului sau numele',
    ru: 'исключить участника навсегда: id участника, id узла или название',
  }),
  'federation.keepers.about': said({
    en: 'deal a new index key to these members; to all hospitals if none is named',
    ro: 'împarte acestor membri o cheie de index nouă; dacă nu este numit niciunul, tuturor spitalelor',
    ru: 'раздать новый ключ индекса этим участникам; если никто не назван, всем больницам',
  }),
  'federation.keepers.threshold': said({
    en: 'how many keepers it takes to look a patient up; more than half if absent',
    ro: 'de câți păstrători e nevoie pentru a căuta un pacient; dacă lipsește, mai mult de jumătate',
    ru: 'сколько хранителей нужно, чтобы искать пациента; если не указано, больше половины',
  }),
  'federation.propose.about': said({
    en: 'several changes in one roster; without any, the same for a year from now',
    ro: 'mai multe schimbări într-o singură listă; fără niciuna, aceeași listă pentru încă un an',
    ru: 'несколько изменений в одном списке; без изменений — тот же список ещё на год',
  }),
  'federation.sign.about': said({
    en: "sign another authority's proposal, after it was checked",
    ro: 'semnează propunerea altei autorități, după ce a fost verificată',
    ru: 'подписать предложение другого органа после его проверки',
  }),
  'federation.assemble.about': said({
    en: 'put the signatures of all copies of a proposal together and publish the roster',
    ro: 'adună semnăturile de pe toate copiile unei propuneri și publică lista',
    ru: 'собрать подписи со всех копий предложения и опубликовать список',
  }),
  'federation.show.about': said({
    en: 'show the roster of this folder, or a roster file',
    ro: 'arată lista din acest dosar sau un fișier cu o listă',
    ru: 'показать список этой папки или файл списка',
  }),
  'federation.published': said({
    en: 'Roster {number} is in {roster}; hand it out, or give it to one running peer.',
    ro: 'Lista {number} se află în {roster}; împărțiți-o sau dați-o unui nod care rulează.',
    ru: 'Список {number} находится в {roster}; раздайте его или передайте одному работающему узлу.',
  }),
  'federation.proposed': said({
    en: 'Roster {number} has {signatures} of {needed} signatures: {proposal}. The other authorities sign it with federation sign, then federation assemble publishes it.',
    ro: 'Lista {number} are {signatures} din {needed} semnături: {proposal}. Celelalte autorități o semnează cu federation sign, apoi federation assemble o publică.',
    ru: 'У списка {number} подписей {signatures} из {needed}: {proposal}. Другие органы подписывают его командой federation sign, затем federation assemble публикует его.',
  }),
  'federation.fingerprint': said({
    en: 'Fingerprint of the federation: {fingerprint}',
    ro: 'Amprenta federației: {fingerprint}',
    ru: 'Отпечаток федерации: {fingerprint}',
  }),
  'federation.head': said({
    en: 'Member|Name|Country|Kind|Keeper|Peer',
    ro: 'Membru|Nume|Țară|Fel|Păstrător|Nod',
    ru: 'Участник|Название|Страна|Вид|Хранитель|Узел',
  }),
  'federation.change.admitted': said({
    en: 'admits {name}, member {id}, peer {peerId}',
    ro: 'primește {name}, membrul {id}, nodul {peerId}',
    ru: 'принимает {name}, участник {id}, узел {peerId}',
  }),
  'federation.change.expelled': said({
    en: 'expels {name}, member {id}, peer {peerId}',
    ro: 'exclude {name}, membrul {id}, nodul {peerId}',
    ru: 'исключает {name}, участник {id}, узел {peerId}',
  }),
  'federation.change.new key': said({
    en: 'gives {name}, member {id}, a new key: {peerId}',
    ro: 'dă lui {name}, membrul {id}, o cheie nouă: {peerId}',
    ru: 'даёт {name}, участник {id}, новый ключ: {peerId}',
  }),
  'federation.change.keepers': said({
    en: 'deals a new index key, any {t} of {members}',
    ro: 'împarte o cheie de index nouă, oricare {t} din {members}',
    ru: 'раздаёт новый ключ индекса, любые {t} из {members}',
  }),
  'federation.change.authorities': said({
    en: 'is signed by any {k} of {keys}',
    ro: 'este semnată de oricare {k} din {keys}',
    ru: 'подписывается любыми {k} из {keys}',
  }),
};
