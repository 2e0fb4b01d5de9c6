// Other DICOM nodes: DIMSE, routing, orders, performed procedure steps.
import type { ErrorSentences } from './families.ts';

export const dimse: ErrorSentences<'dimse'> = {
  'dimse/pdu-type': {
    ro: 'Cealaltă parte a trimis un PDU de un tip pe care DICOM nu îl are.',
    ru: 'Другая сторона прислала PDU такого типа, какого в DICOM нет.',
  },
  'dimse/pdu-length': {
    ro: 'Cealaltă parte a trimis un PDU cu o lungime care nu este permisă.',
    ru: 'Другая сторона прислала PDU недопустимой длины.',
  },
  'dimse/pdu-malformed': {
    ro: 'Cealaltă parte a trimis un PDU care nu respectă PS3.8.',
    ru: 'Другая сторона прислала PDU, не соответствующий PS3.8.',
  },
  'dimse/command-malformed': {
    ro: 'Cealaltă parte a trimis un set de comenzi care nu respectă PS3.7.',
    ru: 'Другая сторона прислала набор команд, не соответствующий PS3.7.',
  },
  'dimse/context-unknown': {
    ro: 'Au sosit date într-un context de prezentare care nu a fost acceptat.',
    ru: 'Данные пришли в контексте представления, который не был принят.',
  },
  'dimse/sequence': {
    ro: 'Un mesaj sau un serviciu DIMSE a venit în altă ordine decât cea cuvenită.',
    ru: 'Сообщение или служба DIMSE пришли не в свою очередь.',
  },
  'dimse/rejected': {
    ro: 'Cealaltă parte a respins asocierea; verificați ambele AE title și lista ei de apelanți cunoscuți.',
    ru: 'Другая сторона отклонила ассоциацию; проверьте оба AE title и её список известных вызывающих.',
  },
  'dimse/aborted': {
    ro: 'Cealaltă parte a întrerupt asocierea.',
    ru: 'Другая сторона оборвала ассоциацию.',
  },
  'dimse/closed': {
    ro: 'Conexiunea s-a închis înainte ca asocierea să fie eliberată.',
    ru: 'Соединение закрылось прежде, чем ассоциация была завершена.',
  },
  'dimse/timeout': {
    ro: 'Cealaltă parte a tăcut prea mult; asocierea a fost întreruptă.',
    ru: 'Другая сторона слишком долго молчала; ассоциация оборвана.',
  },
  'dimse/too-slow': {
    ro: 'Într-un minut a sosit prea puțin dintr-un mesaj; asocierea a fost întreruptă.',
    ru: 'За минуту пришло слишком мало от сообщения; ассоциация оборвана.',
  },
  'dimse/operation-unknown': {
    ro: 'Operația DIMSE cerută nu este oferită aici.',
    ru: 'Запрошенная операция DIMSE здесь не предоставляется.',
  },
  'dimse/sop-class': {
    ro: 'Clasa SOP nu este cea pentru care este contextul de prezentare.',
    ru: 'Это не тот класс SOP, для которого предназначен контекст представления.',
  },
  'dimse/sop-instance-uid': {
    ro: 'SOP Instance UID nu este un UID valabil.',
    ru: 'SOP Instance UID не является допустимым UID.',
  },
  'dimse/data-set-missing': {
    ro: 'Cererea spune că nu are set de date, dar are nevoie de unul.',
    ru: 'В запросе сказано, что набора данных нет, но он нужен.',
  },
  'dimse/context-refused': {
    ro: 'Cealaltă parte nu acceptă această clasă SOP în această sintaxă de transfer; convertiți instanța sau configurați acea parte.',
    ru: 'Другая сторона не принимает этот класс SOP в этом синтаксисе передачи; преобразуйте экземпляр или настройте ту сторону.',
  },
  'dimse/stopping': {
    ro: 'Nodul se oprește; trimiteți din nou când revine.',
    ru: 'Узел останавливается; отправьте снова, когда он вернётся.',
  },
  'dimse/unreachable': {
    ro: 'Nu există legătură cu nodul DICOM; verificați-i adresa și portul și dacă este pornit.',
    ru: 'Нет соединения с узлом DICOM; проверьте его адрес и порт и то, что он работает.',
  },
  'dimse/internal': {
    ro: 'Serviciul DICOM a eșuat dintr-o eroare proprie; jurnalul spune cum.',
    ru: 'Служба DICOM отказала по собственной вине; подробности в её журнале.',
  },
  'dimse/cancelled': {
    ro: 'Asocierea a fost întreruptă la cererea noastră.',
    ru: 'Ассоциация оборвана по нашей собственной просьбе.',
  },
  'dimse/identifier': {
    ro: 'Identificatorul nu se potrivește cu clasa SOP sau cu nivelul ei; trimiteți nivelul și cheile unice de deasupra lui.',
    ru: 'Идентификатор не подходит к классу SOP или его уровню; пришлите уровень и уникальные ключи над ним.',
  },
  'dimse/move-destination': {
    ro: 'Destinația mutării nu este cunoscută aici; adăugați-o la dimse.remotes în configurație.',
    ru: 'Место назначения перемещения здесь неизвестно; внесите его в dimse.remotes в настройках.',
  },
  'dimse/not-allowed': {
    ro: 'Acest apelant nu are voie să facă aceasta; dacă ar trebui, indicați-o la dimse.callers în configurație.',
    ru: 'Этому вызывающему это не разрешено; если должно быть разрешено, укажите это в dimse.callers в настройках.',
  },
  'dimse/operations': {
    ro: 'Prea multe operații sunt în curs pe această asociere; așteptați să se termine una.',
    ru: 'В этой ассоциации выполняется слишком много операций; дождитесь окончания одной из них.',
  },
  'dimse/data-set-long': {
    ro: 'Setul de date al cererii este mai lung decât se primește aici.',
    ru: 'Набор данных запроса длиннее, чем здесь принимается.',
  },
  'dimse/argument': {
    ro: 'Setului de date al cererii îi lipsește ceva sau este incorect.',
    ru: 'В наборе данных запроса чего-то не хватает, или он повреждён.',
  },
  'dimse/action-type': {
    ro: 'Clasa SOP nu are o acțiune sau un eveniment de acest tip.',
    ru: 'У класса SOP нет действия или события такого типа.',
  },
  'dimse/matches': {
    ro: 'Mai multe rezultate decât poate avea o cerere; cereți mai puțin deodată.',
    ru: 'Совпадений больше, чем может быть у одного запроса; запрашивайте меньше за раз.',
  },
  'dimse/message-id': {
    ro: 'O operație cu acest id de mesaj este încă în curs.',
    ru: 'Операция с этим id сообщения ещё выполняется.',
  },
  'dimse/status': {
    ro: 'Cealaltă parte a răspuns cu o stare de eșec; PS3.7 anexa C și serviciul spun ce înseamnă.',
    ru: 'Другая сторона ответила состоянием отказа; что оно значит, сказано в PS3.7, приложение C, и в описании службы.',
  },
  'dimse/service-refused': {
    ro: 'Cealaltă parte nu ne oferă acest serviciu; verificați ce îi permite configurația ei AE title-ului nostru.',
    ru: 'Другая сторона не предоставляет нам эту службу; проверьте, что в её настройках разрешено нашему AE title.',
  },

  'remote/unknown': {
    ro: 'Nu este configurat niciun nod DICOM cu acest AE title; adăugați-l la dimse.remotes în peer.json.',
    ru: 'Узел DICOM с этим AE title не настроен; добавьте его в dimse.remotes в peer.json.',
  },
  'remote/incomplete': {
    ro: 'Cealaltă parte nu a putut preda toate instanțele; ce a sosit se păstrează, încercați din nou pentru rest.',
    ru: 'Другая сторона не смогла передать все экземпляры; пришедшее сохранено, за остальным обратитесь ещё раз.',
  },
  'remote/not-kept': {
    ro: 'Cealaltă parte nu promite să păstreze toate aceste instanțe; trimiteți ce îi lipsește, apoi întrebați din nou.',
    ru: 'Другая сторона не обещает хранить все эти экземпляры; отправьте то, чего ей не хватает, и спросите снова.',
  },
  'remote/no-result': {
    ro: 'Cealaltă parte a primit cererea de storage commitment, dar nu a spus ce a rezultat; ca să anunțe printr-o asociere a ei, trebuie să ne cunoască AE title-ul, adresa și portul și să fie în dimse.callers cu commit.',
    ru: 'Другая сторона приняла запрос storage commitment, но не сообщила итога; чтобы сообщить его в собственной ассоциации, она должна знать наш AE title, адрес и порт и быть в dimse.callers с commit.',
  },
  'remote/key': {
    ro: 'O cheie de interogare nu este nici cuvânt-cheie DICOM, nici etichetă de opt cifre.',
    ru: 'Ключ запроса не является ни ключевым словом DICOM, ни тегом из восьми цифр.',
  },
  'remote/busy': {
    ro: 'Prea multe aduceri sunt în curs; încercați din nou după ce se termină una.',
    ru: 'Выполняется слишком много получений; попробуйте снова, когда одно закончится.',
  },

  'route/transfer-syntax': {
    ro: 'Cealaltă parte nu primește această instanță în nicio sintaxă de transfer în care poate fi dată.',
    ru: 'Другая сторона не принимает этот экземпляр ни в одном из синтаксисов передачи, в которых его можно отдать.',
  },
  'route/expired': {
    ro: 'Cealaltă parte nu a primit instanța zile la rând; înlăturați cauza, apoi trimiteți studiul din nou.',
    ru: 'Другая сторона несколько дней не принимала экземпляр; устраните причину, затем отправьте исследование снова.',
  },
  'route/full': {
    ro: 'Prea multe instanțe așteaptă să fie trimise mai departe; reparați destinația, apoi trimiteți studiul din nou.',
    ru: 'Отправки ждёт слишком много экземпляров; почините место назначения, затем отправьте исследование снова.',
  },

  'order/fhir': {
    ro: 'Resursa FHIR nu este o solicitare care poate fi primită; corectați ce este numit.',
    ru: 'Ресурс FHIR — не направление, которое можно принять; исправьте названное.',
  },
  'order/hl7': {
    ro: 'Mesajul HL7 este incorect sau nu este o solicitare care poate fi primită; corectați ce este numit.',
    ru: 'Сообщение HL7 испорчено или не является направлением, которое можно принять; исправьте названное.',
  },
  'order/unknown': {
    ro: 'Aici nu există o astfel de solicitare.',
    ru: 'Такого направления здесь нет.',
  },
  'order/ended': {
    ro: 'Solicitarea s-a încheiat și nu mai poate fi schimbată.',
    ru: 'Направление завершено и больше не может быть изменено.',
  },
  'order/full': {
    ro: 'Prea multe solicitări sunt deschise; anulați sau încheiați mai întâi câteva.',
    ru: 'Открыто слишком много направлений; сначала отмените или завершите некоторые.',
  },
  'order/conflict': {
    ro: 'Altă solicitare are acest număr de acces sau acest Study Instance UID; trimiteți unul propriu.',
    ru: 'У другого направления такой же учётный номер или Study Instance UID; отправьте с собственным.',
  },

  'mpps/attribute': {
    ro: 'Un atribut al etapei efectuate a procedurii are o valoare greșită.',
    ru: 'У атрибута выполненного этапа процедуры неверное значение.',
  },
  'mpps/missing': {
    ro: 'Etapei efectuate a procedurii îi lipsește o valoare obligatorie.',
    ru: 'У выполненного этапа процедуры нет обязательного значения.',
  },
  'mpps/duplicate': {
    ro: 'Etapa efectuată a procedurii există deja.',
    ru: 'Такой выполненный этап процедуры уже есть.',
  },
  'mpps/unknown': {
    ro: 'Aici nu există o astfel de etapă efectuată a procedurii.',
    ru: 'Такого выполненного этапа процедуры здесь нет.',
  },
};
