// Sealing, asking and granting, transfer, audit, the network between peers.
import type { ErrorSentences } from './families.ts';

export const exchange: ErrorSentences<'exchange'> = {
  'seal/header': {
    ro: 'Acesta nu este un obiect sigilat sau antetul lui este deteriorat; aduceți-l din nou.',
    ru: 'Это не запечатанный объект, или его заголовок повреждён; получите его снова.',
  },
  'seal/encoding': {
    ro: 'Obiectul este împachetat într-un mod pe care această versiune nu îl poate deschide; actualizați-o.',
    ru: 'Объект упакован так, что эта версия не может его открыть; обновите её.',
  },
  'seal/commitment': {
    ro: 'Cheia nu este cea cu care a fost sigilat obiectul.',
    ru: 'Это не тот ключ, которым запечатан объект.',
  },
  'seal/chunk': {
    ro: 'O parte a obiectului sigilat a fost modificată sau mutată; aduceți-l din nou.',
    ru: 'Часть запечатанного объекта изменена или перемещена; получите его снова.',
  },
  'seal/truncated': {
    ro: 'Obiectul sigilat se termină prea devreme; aduceți restul.',
    ru: 'Запечатанный объект обрывается; получите остальное.',
  },
  'seal/trailing': {
    ro: 'Obiectul sigilat este mai lung decât spune antetul lui; aduceți-l din nou.',
    ru: 'Запечатанный объект длиннее, чем сказано в его заголовке; получите его снова.',
  },
  'seal/object-id': {
    ro: 'Obiectul sigilat nu este cel cerut; aduceți-l din nou.',
    ru: 'Это не тот запечатанный объект, который запрашивали; получите его снова.',
  },
  'seal/too-long': {
    ro: 'Instanța este mai lungă decât poate fi un obiect sigilat.',
    ru: 'Экземпляр длиннее, чем может быть запечатанный объект.',
  },
  'seal/range': {
    ro: 'Obiectul nu are octeții ceruți.',
    ru: 'В объекте нет запрошенных байтов.',
  },
  'seal/state': {
    ro: 'Starea păstrată a unui transfer este deteriorată; obiectul se aduce de la început.',
    ru: 'Сохранённое состояние передачи повреждено; объект получается с начала.',
  },

  'manifest/id': {
    ro: 'Manifestul nu este cel numit în permisiune; aduceți-l din nou.',
    ru: 'Это не тот манифест, который назван в разрешении; получите его снова.',
  },
  'manifest/invalid': {
    ro: 'Manifestul se contrazice; cereți proprietarului o versiune nouă.',
    ru: 'Манифест противоречит сам себе; попросите у владельца новую версию.',
  },
  'manifest/too-long': {
    ro: 'Studiul are mai multe instanțe, sau mai mari, decât încap într-un manifest.',
    ru: 'В исследовании больше экземпляров или они крупнее, чем вмещает один манифест.',
  },
  'manifest/series-unknown': {
    ro: 'Manifestul nu are această serie.',
    ru: 'В манифесте нет этой серии.',
  },
  'manifest/amended': {
    ro: 'Studiul are corecții pe care această versiune nu le poate aplica; actualizați-o înainte de a folosi studiul.',
    ru: 'В исследовании есть исправления, которые эта версия не может применить; обновите её, прежде чем пользоваться исследованием.',
  },
  'manifest/unknown': {
    ro: 'Manifestul nu este păstrat aici.',
    ru: 'Этот манифест здесь не хранится.',
  },
  'manifest/foreign': {
    ro: 'Manifestul a fost făcut de alt sistem: enumeră un studiu, dar obiectele nu pot fi aduse după el.',
    ru: 'Манифест составлен другой системой: он перечисляет исследование, но получить по нему объекты нельзя.',
  },
  'manifest/not-ours': {
    ro: 'Studiul este o copie; cereți manifestul de la spitalul din care a venit.',
    ru: 'Это копия исследования; запросите манифест у больницы, из которой оно пришло.',
  },

  'access/misaddressed': {
    ro: 'Mesajul este adresat altui membru.',
    ru: 'Сообщение адресовано другому участнику.',
  },
  'access/clock': {
    ro: 'Mesajul vine din viitor; potriviți ceasul nodului care l-a trimis.',
    ru: 'Сообщение пришло из будущего; установите часы узла, который его отправил.',
  },
  'access/expired': {
    ro: 'Cererea sau permisiunea a expirat; cereți din nou.',
    ru: 'Срок запроса или разрешения истёк; запросите снова.',
  },
  'access/lifetime': {
    ro: 'Cererea ar urma să fie valabilă mai mult decât se permite.',
    ru: 'Запрос рассчитан на больший срок, чем допускается.',
  },
  'access/replayed': {
    ro: 'Acest id a fost folosit deja pentru alt mesaj; cereți din nou cu unul nou.',
    ru: 'Этот id уже использован для другого сообщения; запросите снова с новым.',
  },
  'access/patient': {
    ro: 'Pacientul din cerere nu poate fi citit; aduceți fișa actuală a nodului și cereți din nou.',
    ru: 'Пациент в запросе не читается; получите действующую карточку узла и запросите снова.',
  },
  'access/refs': {
    ro: 'Ceva din ce s-a cerut nu se află aici pentru acest pacient; căutați din nou.',
    ru: 'Что-то из запрошенного здесь у этого пациента не хранится; поищите снова.',
  },
  'access/denied': {
    ro: 'Spitalul a refuzat cererea.',
    ru: 'Больница отказала в запросе.',
  },
  'access/no-rights': {
    ro: 'Membrii de acest fel nu au dreptul să ceară date ale pacienților.',
    ru: 'Участник такого вида не имеет права запрашивать данные пациентов.',
  },
  'access/purpose': {
    ro: 'Spitalul nu răspunde la cereri cu acest scop.',
    ru: 'Больница не отвечает на запросы с этой целью.',
  },
  'access/person': {
    ro: 'Asupra acestei cereri decide o persoană din spital; așteptați răspunsul.',
    ru: 'Этот запрос решает человек в больнице; дождитесь ответа.',
  },
  'access/demographics': {
    ro: 'Numele și data nașterii lipsesc sau diferă de cele păstrate aici; decizia o ia o persoană.',
    ru: 'Имя и дата рождения не указаны или не совпадают с хранимыми здесь; решает человек.',
  },
  'access/stale': {
    ro: 'Cererea este prea veche pentru a fi aprobată automat; decizia o ia o persoană.',
    ru: 'Запрос слишком старый, чтобы разрешить его автоматически; решает человек.',
  },
  'access/holder': {
    ro: 'Permisiunea este pentru alt membru.',
    ru: 'Разрешение выдано другому участнику.',
  },
  'access/not-yet': {
    ro: 'Permisiunea nu este încă valabilă; încercați din nou când va fi.',
    ru: 'Разрешение ещё не действует; попробуйте, когда начнётся его срок.',
  },
  'access/revoked': {
    ro: 'Permisiunea a fost revocată; cereți din nou.',
    ru: 'Разрешение отозвано; запросите снова.',
  },
  'access/scope': {
    ro: 'Permisiunea nu cuprinde această serie sau această acțiune.',
    ru: 'Разрешение не распространяется на эту серию или это действие.',
  },
  'access/wrap': {
    ro: 'Cheile învelite nu pot fi deschise pentru această permisiune; cereți din nou.',
    ru: 'Завёрнутые ключи не открываются для этого разрешения; запросите снова.',
  },
  'access/mismatch': {
    ro: 'Răspunsul nu ține de cererea sau permisiunea pe care o numește.',
    ru: 'Ответ не относится к запросу или разрешению, которое он называет.',
  },
  'access/state': {
    ro: 'Nu este posibil în starea actuală a cererii.',
    ru: 'В нынешнем состоянии запроса это невозможно.',
  },
  'access/request-unknown': {
    ro: 'Aici nu există o cerere cu acest id; vedeți lista afișată de requests.',
    ru: 'Здесь нет запроса с таким id; смотрите список, который выводит requests.',
  },
  'access/grant-unknown': {
    ro: 'Aici nu există o astfel de permisiune; cereți studiul din nou.',
    ru: 'Здесь нет такого разрешения; запросите исследование снова.',
  },

  'transfer/framing': {
    ro: 'Un cadru al transferului este incorect sau mai lung decât permite felul său.',
    ru: 'Кадр передачи повреждён или длиннее, чем допускает его вид.',
  },
  'transfer/unexpected': {
    ro: 'Cealaltă parte a transferului a trimis ceva ce nu a fost cerut sau nu are ce căuta acolo.',
    ru: 'Другая сторона передачи прислала то, чего не просили или чему там не место.',
  },
  'transfer/too-many-wants': {
    ro: 'Au fost cerute deodată mai multe obiecte decât încap la rând.',
    ru: 'Запрошено сразу больше объектов, чем помещается в очередь.',
  },
  'transfer/too-many-streams': {
    ro: 'Nodul are deschise mai multe fluxuri de transfer decât deservește deodată; continuă când se eliberează unul.',
    ru: 'У узла открыто больше потоков передачи, чем обслуживается сразу; продолжится, когда один освободится.',
  },
  'transfer/no-such-object': {
    ro: 'Transferul nu are un obiect cu acest număr.',
    ru: 'В передаче нет объекта с этим номером.',
  },
  'transfer/missing': {
    ro: 'Spitalul care trimite nu poate citi acum acest obiect; operatorul lui trebuie să îl repare.',
    ru: 'Отправляющая больница сейчас не может прочесть этот объект; её оператор должен его восстановить.',
  },
  'transfer/manifest': {
    ro: 'Manifestul nu este cel numit în permisiune; spitalul care trimite a fost notat ca vinovat.',
    ru: 'Это не тот манифест, который назван в разрешении; это отмечено как вина отправляющей больницы.',
  },
  'transfer/bad-chunk': {
    ro: 'O parte nu trece verificarea; spitalul care trimite a fost notat ca vinovat și este întrebat încă o dată.',
    ru: 'Часть не проходит проверку; это отмечено как вина отправляющей больницы, у неё запрашивают ещё раз.',
  },
  'transfer/lying-source': {
    ro: 'Spitalul care trimite a dat din nou octeți greșiți; transferul a fost oprit, anunțați-i operatorul.',
    ru: 'Отправляющая больница снова прислала неверные байты; передача остановлена, сообщите её оператору.',
  },
  'transfer/refused': {
    ro: 'Spitalul care trimite a încheiat transferul dintr-un motiv pe care această versiune nu îl cunoaște; actualizați-o.',
    ru: 'Отправляющая больница прекратила передачу по причине, которой эта версия не знает; обновите её.',
  },
  'transfer/incomplete': {
    ro: 'Unele obiecte nu au putut fi obținute; ce a sosit se păstrează, încercați mai târziu pentru rest.',
    ru: 'Некоторые объекты получить не удалось; пришедшее сохранено, за остальным попробуйте обратиться позже.',
  },
  'transfer/cancelled': {
    ro: 'Transferul a fost anulat; ce a sosit se păstrează.',
    ru: 'Передача отменена; пришедшее сохранено.',
  },
  'transfer/stalled': {
    ro: 'Prea mult timp nu a sosit nimic; fluxul se deschide din nou.',
    ru: 'Слишком долго ничего не приходило; поток открывается заново.',
  },
  'transfer/too-large': {
    ro: 'Manifestul sau numărul de obiecte este mai mare decât primește un transfer.',
    ru: 'Манифест или число объектов больше, чем принимает передача.',
  },

  'audit/forked': {
    ro: 'Jurnalul de audit nu îl continuă pe cel văzut înainte; păstrați ambele capete ca probă.',
    ru: 'Журнал аудита не продолжает виденный раньше; сохраните обе вершины как доказательство.',
  },
  'audit/proof': {
    ro: 'Dovada nu este valabilă pentru acest jurnal de audit.',
    ru: 'Доказательство не подходит к этому журналу аудита.',
  },
  'audit/range': {
    ro: 'Jurnalul de audit nu are o astfel de înregistrare sau mărime.',
    ru: 'В журнале аудита нет такой записи или такого размера.',
  },
  'audit/damaged': {
    ro: 'Înregistrări de audit confirmate lipsesc sau sunt schimbate pe disc; restaurați jurnalul.',
    ru: 'Подтверждённые записи аудита на диске пропали или изменены; восстановите журнал.',
  },
  'audit/unwritable': {
    ro: 'Jurnalul de audit nu poate fi scris; eliberați sau reparați discul, apoi reporniți.',
    ru: 'Журнал аудита не записывается; освободите или почините диск, затем перезапустите.',
  },
  'audit/busy': {
    ro: 'Prea multe înregistrări de audit așteaptă discul; încercați din nou.',
    ru: 'Слишком много записей аудита ждут диска; попробуйте ещё раз.',
  },
  'audit/unreadable': {
    ro: 'O înregistrare de audit nu se deschide cu cheia ei.',
    ru: 'Запись аудита не открывается своим ключом.',
  },
  'audit/closed': {
    ro: 'Jurnalul de audit este închis; nodul se oprește.',
    ru: 'Журнал аудита закрыт; узел останавливается.',
  },

  'net/unreachable': {
    ro: 'Celălalt nod nu poate fi contactat; poate este oprit sau adresa lui este greșită.',
    ru: 'Другой узел недоступен; возможно, он выключен или его адрес неверен.',
  },
  'net/timeout': {
    ro: 'Celălalt nod nu a răspuns la timp.',
    ru: 'Другой узел не ответил вовремя.',
  },
  'net/refused': {
    ro: 'Lista de membri nu permite acestor două noduri să vorbească despre aceasta.',
    ru: 'Список участников не позволяет этим двум узлам говорить об этом.',
  },
  'net/closed': {
    ro: 'Legătura s-a întrerupt înainte să sosească totul.',
    ru: 'Соединение оборвалось прежде, чем пришло всё.',
  },
  'net/too-large': {
    ro: 'Mesajul este mai mare decât permite acest protocol.',
    ru: 'Сообщение больше, чем допускает этот протокол.',
  },
  'net/busy': {
    ro: 'Prea multe cereri sunt în curs cu acest nod; încercați din nou peste o clipă.',
    ru: 'С этим узлом выполняется слишком много запросов; попробуйте чуть позже.',
  },
  'net/framing': {
    ro: 'Celălalt nod a trimis ceva ce nu respectă protocolul.',
    ru: 'Другой узел прислал то, что не соответствует протоколу.',
  },
  'net/internal': {
    ro: 'Celălalt nod a eșuat în timp ce prelucra cererea; jurnalul lui spune de ce.',
    ru: 'Другой узел не справился с запросом; причина — в его журнале.',
  },
  'net/unknown-error': {
    ro: 'Celălalt nod a răspuns cu o eroare pe care această versiune nu o cunoaște.',
    ru: 'Другой узел ответил ошибкой, которой эта версия не знает.',
  },
  'net/no-protocol': {
    ro: 'Celălalt nod nu deservește acest protocol; unul dintre cele două trebuie actualizat.',
    ru: 'Другой узел не обслуживает этот протокол; одному из двух нужно обновление.',
  },
  'net/stopped': {
    ro: 'Nodul nu rulează sau se oprește.',
    ru: 'Узел не работает или останавливается.',
  },
  'net/address': {
    ro: 'Acest calculator nu are adresa sau ea nu este scrisă cum trebuie (pentru noduri, astfel: /ip4/192.0.2.1/tcp/4101); corectați-o în peer.json.',
    ru: 'У этого компьютера нет такого адреса, или он записан неверно (для узлов пишите так: /ip4/192.0.2.1/tcp/4101); исправьте его в peer.json.',
  },
  'net/worker': {
    ro: 'Procesul care evaluează etichetele s-a încheiat neașteptat și este repornit.',
    ru: 'Процесс, вычисляющий метки, неожиданно завершился и запускается снова.',
  },
  'net/port-taken': {
    ro: 'Portul este ocupat; opriți celălalt program sau configurați alt port.',
    ru: 'Порт занят; остановите другую программу или настройте другой порт.',
  },
  'net/no-card': {
    ro: 'Fișa acelui membru nu a sosit încă; încercați din nou când nodul lui este în rețea.',
    ru: 'Карточка этого участника ещё не пришла; попробуйте снова, когда его узел будет в сети.',
  },
};
