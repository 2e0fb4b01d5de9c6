// The peer itself: its front page; commands that make it, join, run it, on its users, audit log, checks.
import { said } from './said.ts';

export const peer = {
  'home.what': said({
    en: 'This is a DICOM Network peer: the hospital keeps its imaging studies here and exchanges them, encrypted, with other hospitals.',
    ro: 'Acesta este un nod DICOM Network: spitalul își păstrează aici studiile imagistice și le schimbă, criptat, cu alte spitale.',
    ru: 'Это узел DICOM Network: больница хранит здесь свои исследования и обменивается ими с другими больницами в зашифрованном виде.',
  }),
  'home.how': said({
    en: 'The API is at {api}, its description at {description}, DICOMweb at {web}. All of them need a token.',
    ro: 'API-ul este la {api}, descrierea lui la {description}, DICOMweb la {web}. Toate cer autentificare.',
    ru: 'API — по адресу {api}, его описание — {description}, DICOMweb — {web}. Везде нужна авторизация.',
  }),
  'init.about': said({
    en: 'make a peer: keys, configuration, first administrator, join request',
    ro: 'creează un nod: chei, configurație, primul administrator, cererea de aderare',
    ru: 'создать узел: ключи, настройки, первого администратора, заявку на вступление',
  }),
  'init.name': said({
    en: "the hospital's legal name",
    ro: 'denumirea oficială a spitalului',
    ru: 'официальное название больницы',
  }),
  'init.country': said({
    en: 'two letters, as MD',
    ro: 'două litere, de exemplu MD',
    ru: 'две буквы, например MD',
  }),
  'init.done': said({
    en: 'Peer {peerId} is ready in {data}.\n\nSign-in        {username}\nPassword       {password}   (shown this once)\nJoin request   {joinRequest}\nFingerprint    {fingerprint}\n\nHand the join request to the authority and read the fingerprint to it over the telephone. Then start the peer.',
    ro: 'Nodul {peerId} este pregătit în {data}.\n\nUtilizator     {username}\nParola         {password}   (se arată o singură dată)\nCerere         {joinRequest}\nAmprenta       {fingerprint}\n\nDați cererea de aderare autorității și citiți-i amprenta la telefon. Apoi porniți nodul.',
    ru: 'Узел {peerId} готов в {data}.\n\nПользователь   {username}\nПароль         {password}   (показан один раз)\nЗаявка         {joinRequest}\nОтпечаток      {fingerprint}\n\nПередайте заявку уполномоченному органу и прочтите ему отпечаток по телефону. Затем запустите узел.',
  }),
  'join.about': said({
    en: 'become a member, with the roster file that the authority handed out',
    ro: 'aderă la federație, cu fișierul listei de membri primit de la autoritate',
    ru: 'вступить в федерацию с файлом списка участников, полученным от уполномоченного органа',
  }),
  'join.done': said({
    en: 'Member of the federation (roster {number}). Its fingerprint, to compare with the authority: {fingerprint}',
    ro: 'Membru al federației (lista {number}). Amprenta ei, de comparat cu autoritatea: {fingerprint}',
    ru: 'Участник федерации (список {number}). Её отпечаток, для сверки с уполномоченным органом: {fingerprint}',
  }),
  'start.about': said({
    en: 'run the peer until Ctrl-C',
    ro: 'rulează nodul până la Ctrl-C',
    ru: 'запустить узел до Ctrl-C',
  }),
  'start.init': said({
    en: 'make the peer first if there is no data folder',
    ro: 'creează mai întâi nodul, dacă dosarul cu date nu există',
    ru: 'сначала создать узел, если папки данных нет',
  }),
  'start.first': said({
    en: 'A new peer was made in {data}. Sign in as {username} with password {password} (shown this once).',
    ro: 'A fost creat un nod nou în {data}. Intrați ca {username} cu parola {password} (se arată o singură dată).',
    ru: 'Создан новый узел в {data}. Войдите как {username} с паролем {password} (показан один раз).',
  }),
  'start.request': said({
    en: 'To join a federation hand {joinRequest} to its authority; fingerprint {fingerprint}',
    ro: 'Pentru a intra într-o federație, dați {joinRequest} autorității ei; amprenta {fingerprint}',
    ru: 'Чтобы вступить в федерацию, передайте {joinRequest} её уполномоченному органу; отпечаток {fingerprint}',
  }),
  'start.ready': said({
    en: 'The peer runs. Portal and API {http}, DICOM port {dimse} (AE title {aeTitle}), other peers {p2p}. Ctrl-C stops it.',
    ro: 'Nodul lucrează. Portal și API {http}, port DICOM {dimse} (AE title {aeTitle}), alte noduri {p2p}. Ctrl-C îl oprește.',
    ru: 'Узел работает. Портал и API {http}, порт DICOM {dimse} (AE title {aeTitle}), другие узлы {p2p}. Ctrl-C останавливает.',
  }),
  'start.stopping': said({
    en: 'Stopping...',
    ro: 'Se oprește...',
    ru: 'Остановка...',
  }),
  'user.about': said({
    en: 'users of this peer',
    ro: 'utilizatorii acestui nod',
    ru: 'пользователи этого узла',
  }),
  'user.add.about': said({
    en: 'make a user',
    ro: 'creează un utilizator',
    ru: 'создать пользователя',
  }),
  'user.add.done': said({
    en: 'User {username} with password {password} (shown this once)',
    ro: 'Utilizatorul {username} cu parola {password} (se arată o singură dată)',
    ru: 'Пользователь {username} с паролем {password} (показан один раз)',
  }),
  'token.about': said({
    en: 'tokens for programs',
    ro: 'jetoane de acces pentru programe',
    ru: 'токены для программ',
  }),
  'token.create.about': said({
    en: 'make a token',
    ro: 'creează un jeton de acces',
    ru: 'создать токен',
  }),
  'token.create.done': said({
    en: '{token}',
    ro: '{token}',
    ru: '{token}',
  }),
  'token.name': said({
    en: 'what the token is for',
    ro: 'la ce servește jetonul',
    ru: 'для чего токен',
  }),
  'user.add.also': said({
    en: 'further roles, whose rights add up',
    ro: 'alte roluri, ale căror drepturi se adună',
    ru: 'дополнительные роли, их права складываются',
  }),
  'user.list.about': said({
    en: 'list the users',
    ro: 'arată utilizatorii',
    ru: 'показать пользователей',
  }),
  'user.disable.about': said({
    en: 'shut a user out: all their tokens end',
    ro: 'blochează un utilizator: toate jetoanele lui se încheie',
    ru: 'закрыть доступ пользователю: все его токены прекращаются',
  }),
  'user.disable.done': said({
    en: '{name} is shut out; tokens ended: {ended}',
    ro: '{name} este blocat; jetoane încheiate: {ended}',
    ru: '{name}: доступ закрыт; прекращено токенов: {ended}',
  }),
  'user.enable.about': said({
    en: 'let a user in again',
    ro: 'permite din nou accesul unui utilizator',
    ru: 'снова открыть доступ пользователю',
  }),
  'user.enable.done': said({
    en: '{name} may sign in again',
    ro: '{name} se poate autentifica din nou',
    ru: '{name} может снова войти',
  }),
  'user.password.about': said({
    en: 'give a user a fresh password; their tokens end',
    ro: 'dă unui utilizator o parolă nouă; jetoanele lui se încheie',
    ru: 'выдать пользователю новый пароль; его токены прекращаются',
  }),
  'token.days': said({
    en: 'days until it ends; 365 if absent, which is the most',
    ro: 'zile până la încheiere; 365 dacă lipsește, cel mult',
    ru: 'дней до окончания; 365, если не указано, и не больше',
  }),
  'token.list.about': said({
    en: 'list the tokens: never a token itself',
    ro: 'arată jetoanele, niciodată jetonul însuși',
    ru: 'показать токены, но не сами значения',
  }),
  'token.end.about': said({
    en: 'end a token, with all that goes on under it',
    ro: 'încheie un jeton, cu tot ce se face prin el',
    ru: 'прекратить токен и всё, что по нему идёт',
  }),
  'token.end.done': said({
    en: 'Ended: {name}, {role}',
    ro: 'Încheiat: {name}, {role}',
    ru: 'Прекращён: {name}, {role}',
  }),
  'user.head': said({
    en: 'NAME|ROLES|STATE',
    ro: 'NUME|ROLURI|STARE',
    ru: 'ИМЯ|РОЛИ|СОСТОЯНИЕ',
  }),
  'user.disabled': said({
    en: 'shut out',
    ro: 'blocat',
    ru: 'доступ закрыт',
  }),
  'token.head': said({
    en: 'ID|NAME|ROLE|MADE|LAST USED|EXPIRES',
    ro: 'ID|NUME|ROL|CREAT|FOLOSIT|EXPIRĂ',
    ru: 'ID|ИМЯ|РОЛЬ|СОЗДАН|ИСПОЛЬЗОВАН|ДО',
  }),
  'audit.about': said({
    en: 'what was done with patient data',
    ro: 'ce s-a făcut cu datele pacienților',
    ru: 'что делали с данными пациентов',
  }),
  'audit.show.about': said({
    en: 'show entries',
    ro: 'arată înregistrările',
    ru: 'показать записи',
  }),
  'audit.from': said({
    en: 'number of the first entry to show',
    ro: 'numărul primei înregistrări de arătat',
    ru: 'номер первой показываемой записи',
  }),
  'audit.patient': said({
    en: "id of the patient's record, or an identifier",
    ro: 'id-ul fișei pacientului sau un identificator',
    ru: 'id карты пациента или идентификатор',
  }),
  'audit.verify.about': said({
    en: 'check that nothing was changed or removed',
    ro: 'verifică dacă nimic nu a fost modificat sau șters',
    ru: 'проверить, что ничего не изменено и не удалено',
  }),
  'audit.verify.ok': said({
    en: 'The log holds: {entries} entries, head {head}',
    ro: 'Jurnalul este intact: {entries} înregistrări, capătul {head}',
    ru: 'Журнал цел: записей {entries}, вершина {head}',
  }),
  'audit.verify.bad': said({
    en: 'The log does not hold: keep it as evidence and tell your authority.',
    ro: 'Jurnalul nu este intact: păstrați-l ca probă și anunțați autoritatea.',
    ru: 'Журнал нарушен: сохраните его как доказательство и сообщите уполномоченному органу.',
  }),
  'storage.about': said({
    en: 'the folders that a peer stores in',
    ro: 'dosarele în care păstrează nodul',
    ru: 'папки, в которых узел хранит',
  }),
  'storage.adopt.about': said({
    en: 'take over a folder that has lost its store.id (db, packs, objects or audit); the peer is stopped',
    ro: 'preia un dosar care și-a pierdut store.id (db, packs, objects sau audit); nodul este oprit',
    ru: 'принять папку, потерявшую store.id (db, packs, objects или audit); узел остановлен',
  }),
  'storage.adopt.incomplete': said({
    en: 'although something that the database names is not there any more',
    ro: 'chiar dacă ceva ce numește baza de date nu mai este acolo',
    ru: 'даже если чего-то, что называет база, там больше нет',
  }),
  'storage.adopt.done': said({
    en: 'The folder {folder} belongs to this peer. Named by the database: {named}, missing: {missing}.',
    ro: 'Dosarul {folder} ține de acest nod. Numite de baza de date: {named}, lipsesc: {missing}.',
    ru: 'Папка {folder} принадлежит этому узлу. Названо базой: {named}, нет на месте: {missing}.',
  }),
  'doctor.about': said({
    en: 'check ports, reachability, clock, disk, roster, keepers and records; say what to do',
    ro: 'verifică porturile, legăturile, ceasul, discul, lista de membri, păstrătorii și înregistrările; spune ce e de făcut',
    ru: 'проверить порты, связь, часы, диск, список участников, хранителей и записи; сказать, что делать',
  }),
  'doctor.head': said({
    en: 'Check|OK|What to do',
    ro: 'Verificare|Bine|Ce e de făcut',
    ru: 'Проверка|Норма|Что делать',
  }),
  'doctor.running': said({
    en: 'running',
    ro: 'funcționare',
    ru: 'работа',
  }),
  'doctor.ports': said({
    en: 'ports',
    ro: 'porturi',
    ru: 'порты',
  }),
  'doctor.ports.found': said({
    en: 'HTTP on {http}, DICOM on {dimse}, peers on {addresses} addresses',
    ro: 'HTTP la {http}, DICOM la {dimse}, alte noduri la {addresses} adrese',
    ru: 'HTTP на {http}, DICOM на {dimse}, адресов для других узлов: {addresses}',
  }),
  'doctor.ports.todo': said({
    en: 'No address for other peers: set p2p.listen in peer.json.',
    ro: 'Nicio adresă pentru alte noduri: indicați p2p.listen în peer.json.',
    ru: 'Нет адреса для других узлов: задайте p2p.listen в peer.json.',
  }),
  'doctor.ports.gone': said({
    en: 'This machine does not have {list}: correct p2p.listen in peer.json, or give it the address again and restart.',
    ro: 'Acest calculator nu are {list}: corectați p2p.listen în peer.json sau redați-i adresa și reporniți.',
    ru: 'У этого компьютера нет {list}: исправьте p2p.listen в peer.json или верните адрес и перезапустите.',
  }),
  'doctor.clock': said({
    en: 'clock',
    ro: 'ceas',
    ru: 'часы',
  }),
  'doctor.clock.found': said({
    en: 'The clock is plausible.',
    ro: 'Ceasul pare corect.',
    ru: 'Часы похожи на верные.',
  }),
  'doctor.clock.todo': said({
    en: 'Set the clock: requests are refused when it is 10 minutes off.',
    ro: 'Potriviți ceasul: cererile sunt refuzate când diferența ajunge la 10 minute.',
    ru: 'Установите часы: при расхождении в 10 минут запросы отклоняются.',
  }),
  'doctor.disk': said({
    en: 'disk',
    ro: 'disc',
    ru: 'диск',
  }),
  'doctor.disk.found': said({
    en: '{free} GB are free.',
    ro: 'Spațiu liber: {free} GB.',
    ru: 'Свободно {free} ГБ.',
  }),
  'doctor.disk.todo': said({
    en: 'Only {free} GB are free: free some space, or lower storage.minFreeBytes.',
    ro: 'Spațiu liber: doar {free} GB. Eliberați spațiu sau micșorați storage.minFreeBytes.',
    ru: 'Свободно только {free} ГБ: освободите место или уменьшите storage.minFreeBytes.',
  }),
  'doctor.roster': said({
    en: 'roster',
    ro: 'lista de membri',
    ru: 'список участников',
  }),
  'doctor.roster.found': said({
    en: 'Roster {number}, valid for {days} days.',
    ro: 'Lista {number}, valabilă încă {days} zile.',
    ru: 'Список {number}, срок действия в днях: {days}.',
  }),
  'doctor.roster.todo': said({
    en: 'The roster expires in {days} days: ask the authority for the next one.',
    ro: 'Lista de membri expiră peste {days} zile: cereți autorității lista următoare.',
    ru: 'Список участников скоро истечёт (осталось дней: {days}): запросите следующий у уполномоченного органа.',
  }),
  'doctor.roster.none': said({
    en: 'Give join-request.cbor to the federation authority, then run join with the roster file it gives you.',
    ro: 'Dați join-request.cbor autorității federației, apoi rulați join cu fișierul listei primit de la ea.',
    ru: 'Передайте join-request.cbor уполномоченному органу федерации, затем выполните join с полученным от него файлом списка.',
  }),
  'doctor.reachability': said({
    en: 'reachability',
    ro: 'legături',
    ru: 'связь',
  }),
  'doctor.reachability.found': said({
    en: '{connected} of {others} other members are connected.',
    ro: 'Conectați {connected} din {others} alți membri.',
    ru: 'На связи {connected} из {others} других участников.',
  }),
  'doctor.reachability.todo': said({
    en: 'No other member is connected: check that this machine reaches them and they reach its p2p port.',
    ro: 'Niciun alt membru nu este conectat: verificați dacă acest calculator ajunge la ei și dacă ei ajung la portul lui p2p.',
    ru: 'Ни один другой участник не на связи: проверьте, что этот компьютер достигает их, а они — его порта p2p.',
  }),
  'doctor.keepers': said({
    en: 'keepers',
    ro: 'păstrători',
    ru: 'хранители',
  }),
  'doctor.keepers.found': said({
    en: '{inReach} of {keepers} keepers are in reach, {needed} are needed.',
    ro: 'Disponibili {inReach} din {keepers} păstrători ai cheii; sunt necesari {needed}.',
    ru: 'Доступно {inReach} из {keepers} хранителей ключа, нужно {needed}.',
  }),
  'doctor.keepers.todo': said({
    en: 'Only {inReach} of {keepers} keepers are in reach and {needed} are needed: patients cannot be looked up until more are on line.',
    ro: 'Disponibili doar {inReach} din {keepers} păstrători ai cheii, dar sunt necesari {needed}: pacienții nu pot fi căutați până nu revin mai mulți.',
    ru: 'Доступно только {inReach} из {keepers} хранителей ключа, а нужно {needed}: искать пациентов нельзя, пока не появятся другие.',
  }),
  'doctor.keepers.none': said({
    en: 'No keepers yet: the authority names them with federation keepers.',
    ro: 'Încă nu există păstrători ai cheii: autoritatea îi numește cu federation keepers.',
    ru: 'Хранителей ключа пока нет: уполномоченный орган назначает их командой federation keepers.',
  }),
  'doctor.records': said({
    en: 'records',
    ro: 'înregistrări',
    ru: 'записи',
  }),
  'doctor.records.found': said({
    en: '{full} records are stored everywhere, {partly} on fewer peers, {nowhere} are waiting.',
    ro: 'Înregistrări păstrate peste tot: {full}; pe mai puține noduri: {partly}; în așteptare: {nowhere}.',
    ru: 'Записей хранится везде: {full}, на части узлов: {partly}, ожидает: {nowhere}.',
  }),
  'doctor.records.todo': said({
    en: '{alarms} records lapse soon or were never stored: connect to more members.',
    ro: 'Înregistrări care expiră curând sau n-au fost păstrate niciodată: {alarms}. Conectați-vă la mai mulți membri.',
    ru: 'Записей, которые скоро истекут или не сохранены нигде: {alarms}. Соединитесь с большим числом участников.',
  }),
  'doctor.patients': said({
    en: 'patients',
    ro: 'pacienți',
    ru: 'пациенты',
  }),
  'doctor.patients.found': said({
    en: 'No number belongs to two persons; {unusable} have a national number that is wrong or nobody’s and are not found by it.',
    ro: 'Niciun număr nu aparține la două persoane; cu un număr național greșit sau al nimănui, după care nu sunt găsite: {unusable}.',
    ru: 'Ни один номер не принадлежит двум людям; с неверным или ничьим государственным номером, по которому их не найти: {unusable}.',
  }),
  'doctor.patients.todo': said({
    en: '{doubts} persons have a number that somebody else has: see patients, then patient merge, apart or wrong-number.',
    ro: 'Persoane cu un număr pe care îl are și altcineva: {doubts}. Vedeți patients, apoi patient merge, apart sau wrong-number.',
    ru: 'Людей с номером, который есть у другого: {doubts}. Смотрите patients, затем patient merge, apart или wrong-number.',
  }),
};
