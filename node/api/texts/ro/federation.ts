// The authority's commands.
import type { federation as english } from '../en/federation.ts';
import type { Texts } from '../types.ts';

export const federation = {
  'federation.about': 'lucrul autorității: liste de membri, membri, păstrători ai cheii (fără rețea)',
  'federation.create.about': 'cheia autorității și lista 0 a unei federații noi',
  'federation.create.name': 'numele federației',
  'federation.create.system': 'URI-ul sistemului identificatorului național al pacientului',
  'federation.create.keys':
    "fișierele cu cheile publice ale celorlalte autorități (fiecare o face pe a sa cu 'federation key')",
  'federation.create.threshold': 'câte autorități trebuie să semneze; mai mult de jumătate',
  'federation.key.about': 'creează cheia acestei autorități și fișierul cu cheia publică de dat altora',
  'federation.key.done': 'Dați {key} celui care creează federația; cheia publică {publicKey}',
  'federation.admit.about': 'primește nodurile din cererile de aderare',
  'federation.admit.fingerprint': '{name}: cereți să fie citită la telefon și comparați  {fingerprint}',
  'federation.expel.about': 'exclude definitiv un membru: id-ul membrului, id-ul nodului sau numele',
  'federation.keepers.about':
    'împarte acestor membri o cheie de index nouă; dacă nu este numit niciunul, tuturor spitalelor',
  'federation.keepers.threshold':
    'de câți păstrători e nevoie pentru a căuta un pacient; dacă lipsește, mai mult de jumătate',
  'federation.propose.about': 'mai multe schimbări într-o singură listă; fără niciuna, aceeași listă pentru încă un an',
  'federation.sign.about': 'semnează propunerea altei autorități, după ce a fost verificată',
  'federation.assemble.about': 'adună semnăturile de pe toate copiile unei propuneri și publică lista',
  'federation.show.about': 'arată lista din acest dosar sau un fișier cu o listă',
  'federation.published': 'Lista {number} se află în {roster}; împărțiți-o sau dați-o unui nod care rulează.',
  'federation.proposed':
    'Lista {number} are {signatures} din {needed} semnături: {proposal}. Celelalte autorități o semnează cu federation sign, apoi federation assemble o publică.',
  'federation.fingerprint': 'Amprenta federației: {fingerprint}',
  'federation.head': 'Membru|Nume|Țară|Fel|Păstrător|Nod',
  'federation.change.admitted': 'primește {name}, membrul {id}, nodul {peerId}',
  'federation.change.expelled': 'exclude {name}, membrul {id}, nodul {peerId}',
  'federation.change.new key': 'dă lui {name}, membrul {id}, o cheie nouă: {peerId}',
  'federation.change.keepers': 'împarte o cheie de index nouă, oricare {t} din {members}',
  'federation.change.authorities': 'este semnată de oricare {k} din {keys}',
} as const satisfies Texts<typeof english>;
