// Commands on studies and patients: taken in, found, asked for, written out, concluded.
import { said } from './said.ts';

export const studies = {
  'import.about': said({
    en: 'take in files, folders and zip archives; a DICOMDIR stands for the folder it lies in; run again, it goes on where it was cut off',
    ro: 'preia fișiere, dosare și arhive zip; un DICOMDIR ține locul dosarului în care se află; rulat din nou, continuă de unde a fost întrerupt',
    ru: 'принять файлы, папки и архивы zip; DICOMDIR означает папку, в которой он лежит; при повторном запуске продолжает с места обрыва',
  }),
  'import.patient': said({
    en: 'make PDF, JPEG, PNG, MP4 and STL files objects of this patient',
    ro: 'transformă fișierele PDF, JPEG, PNG, MP4 și STL în obiecte ale acestui pacient',
    ru: 'сделать из файлов PDF, JPEG, PNG, MP4 и STL объекты этого пациента',
  }),
  'import.name': said({
    en: "the patient's name, Family^Given, if not known here yet",
    ro: 'numele pacientului, Nume^Prenume, dacă nu este cunoscut aici',
    ru: 'имя пациента, Фамилия^Имя, если здесь оно ещё не известно',
  }),
  'import.birthDate': said({
    en: 'YYYYMMDD, if not known here yet',
    ro: 'data nașterii, AAAALLZZ, dacă nu este cunoscută aici',
    ru: 'дата рождения, ГГГГММДД, если здесь она ещё не известна',
  }),
  'import.title': said({
    en: 'what the files are',
    ro: 'ce sunt fișierele',
    ru: 'что это за файлы',
  }),
  'import.needs-patient': said({
    en: 'These options are for --patient.',
    ro: 'Aceste opțiuni se folosesc cu --patient.',
    ru: 'Эти параметры используются вместе с --patient.',
  }),
  'import.resumed': said({
    en: '{resumed} of them had been handed over before',
    ro: '{resumed} dintre ele fuseseră predate mai înainte',
    ru: 'из них передано раньше: {resumed}',
  }),
  'import.done': said({
    en: '{imported} imported, {duplicates} there before, {conflicts} in conflict, {refused} refused',
    ro: '{imported} importate, {duplicates} existau, {conflicts} în conflict, {refused} refuzate',
    ru: 'принято {imported}, уже было {duplicates}, в конфликте {conflicts}, отклонено {refused}',
  }),
  'import.progress': said({
    en: '{files} files, {size}, {rate}',
    ro: 'fișiere: {files}, {size}, {rate}',
    ru: 'файлов: {files}, {size}, {rate}',
  }),
  'find.about': said({
    en: 'which hospitals have studies of a patient',
    ro: 'ce spitale au studii ale unui pacient',
    ru: 'в каких больницах есть исследования пациента',
  }),
  'find.head': said({
    en: 'Hospital|State|Date|Modality|Description|Instances|Size|Ref',
    ro: 'Spital|Stare|Data|Modalitate|Descriere|Instanțe|Mărime|Ref',
    ru: 'Больница|Состояние|Дата|Модальность|Описание|Экземпляров|Размер|Ref',
  }),
  'find.complete': said({
    en: 'Everybody was reached ({ms} ms).',
    ro: 'Toți au fost întrebați ({ms} ms).',
    ru: 'Опрошены все ({ms} мс).',
  }),
  'find.incomplete': said({
    en: 'Not everybody was reached, so there may be more: {unreachable} ({ms} ms).',
    ro: 'Nu toți au putut fi întrebați, deci pot exista și altele: {unreachable} ({ms} ms).',
    ru: 'Опрошены не все, возможно, есть ещё: {unreachable} ({ms} мс).',
  }),
  'find.none': said({
    en: 'No hospital says that it has studies of this patient.',
    ro: 'Niciun spital nu spune că are studii ale acestui pacient.',
    ru: 'Ни одна больница не сообщает об исследованиях этого пациента.',
  }),
  'patients.about': said({
    en: 'patient records and which of their studies nobody can find',
    ro: 'fișele pacienților și care dintre studiile lor nu pot fi găsite de nimeni',
    ru: 'карты пациентов и то, какие из их исследований никто не найдёт',
  }),
  'patients.head': said({
    en: 'ID|Identifiers|Findable|Studies|Same number as',
    ro: 'ID|Identificatori|De găsit|Studii|Același număr ca',
    ru: 'ID|Идентификаторы|Находится|Исследований|Тот же номер, что у',
  }),
  'patient.about': said({
    en: 'one patient record',
    ro: 'fișa unui pacient',
    ru: 'карта одного пациента',
  }),
  'patient.link.about': said({
    en: 'add an identifier to a record, so that its studies can be found',
    ro: 'adaugă un identificator la o fișă, pentru ca studiile ei să poată fi găsite',
    ru: 'добавить идентификатор в карту, чтобы её исследования можно было найти',
  }),
  'patient.link.done': said({
    en: 'Record {id} has now: {identifiers}',
    ro: 'Fișa {id} are acum: {identifiers}',
    ru: 'В карте {id} теперь: {identifiers}',
  }),
  'patient.merge.about': said({
    en: 'decide that the person is the one who had the number before: one record',
    ro: 'decide că persoana este cea care avea numărul înainte: o singură fișă',
    ru: 'решить, что это тот же человек, у кого номер был раньше: одна карта',
  }),
  'patient.apart.about': said({
    en: 'decide that they are two persons and both have the number',
    ro: 'decide că sunt două persoane și ambele au numărul',
    ru: 'решить, что это два человека и номер у обоих',
  }),
  'patient.wrong-number.about': said({
    en: 'decide that the number that others have too is not this person’s',
    ro: 'decide că numărul pe care îl au și alții nu este al acestei persoane',
    ru: 'решить, что номер, который есть и у других, не этого человека',
  }),
  'patient.undo.about': said({
    en: 'take back the last decision about a record',
    ro: 'anulează ultima decizie despre o fișă',
    ru: 'отменить последнее решение о карте',
  }),
  'request.about': said({
    en: 'ask a hospital for studies',
    ro: 'cere studii de la un spital',
    ru: 'запросить исследования у больницы',
  }),
  'request.member': said({
    en: 'hospital: member id, peer id or name',
    ro: 'spitalul: id-ul membrului, id-ul nodului sau numele',
    ru: 'больница: id участника, id узла или название',
  }),
  'request.ref': said({
    en: 'a study by its ref from find; everything if absent',
    ro: 'un studiu, după ref-ul din find; dacă lipsește, totul',
    ru: 'исследование по его ref из find; если не указано, всё',
  }),
  'request.name': said({
    en: "the patient's name, where the other hospital compares it",
    ro: 'numele pacientului, dacă celălalt spital îl compară',
    ru: 'имя пациента, если другая больница его сверяет',
  }),
  'request.birthDate': said({
    en: "the patient's birth date, YYYYMMDD",
    ro: 'data nașterii pacientului, AAAALLZZ',
    ru: 'дата рождения пациента, ГГГГММДД',
  }),
  'request.wait': said({
    en: 'wait until the studies are here',
    ro: 'așteaptă până când studiile sosesc aici',
    ru: 'ждать, пока исследования не придут сюда',
  }),
  'request.done': said({
    en: 'Request {id}: {state}',
    ro: 'Cererea {id}: {state}',
    ru: 'Запрос {id}: {state}',
  }),
  'request.waiting': said({
    en: 'request {state}',
    ro: 'cererea: {state}',
    ru: 'запрос: {state}',
  }),
  'request.transfer': said({
    en: '{done} of {total} objects, {bytes} of {size}, {rate}, {left} s left',
    ro: 'obiecte: {done} din {total}, {bytes} din {size}, {rate}, au rămas {left} s',
    ru: 'объектов {done} из {total}, {bytes} из {size}, {rate}, осталось {left} с',
  }),
  'requests.about': said({
    en: 'requests that came in and went out',
    ro: 'cererile primite și cele trimise',
    ru: 'полученные и отправленные запросы',
  }),
  'requests.in': said({
    en: 'only those of others to us',
    ro: 'doar cele ale altora către noi',
    ru: 'только чужие к нам',
  }),
  'requests.out': said({
    en: 'only ours to others',
    ro: 'doar ale noastre către alții',
    ru: 'только наши к другим',
  }),
  'requests.head': said({
    en: 'ID|Direction|Hospital|State|Purpose|Reason|By|At',
    ro: 'ID|Direcție|Spital|Stare|Scop|Motiv|Cine|Când',
    ru: 'ID|Направление|Больница|Состояние|Цель|Причина|Кто|Когда',
  }),
  'approve.about': said({
    en: 'grant a request that waits for a person',
    ro: 'aprobă o cerere care așteaptă decizia unei persoane',
    ru: 'разрешить запрос, который ждёт решения человека',
  }),
  'deny.about': said({
    en: 'refuse a request that waits for a person',
    ro: 'refuză o cerere care așteaptă decizia unei persoane',
    ru: 'отказать в запросе, который ждёт решения человека',
  }),
  'transfers.about': said({
    en: 'transfers that wait, run or have ended',
    ro: 'transferurile în așteptare, în curs sau încheiate',
    ru: 'передачи, которые ждут, идут или закончились',
  }),
  'transfers.head': said({
    en: 'ID|State|Objects|Bytes|Rate|Code',
    ro: 'ID|Stare|Obiecte|Octeți|Viteză|Cod',
    ru: 'ID|Состояние|Объекты|Объём|Скорость|Код',
  }),
  'export.about': said({
    en: 'write a study as exact DICOM files',
    ro: 'scrie un studiu ca fișiere DICOM exacte',
    ru: 'записать исследование как точные файлы DICOM',
  }),
  'export.out': said({
    en: 'folder to write to; made if missing',
    ro: 'dosarul în care se scrie; se creează dacă lipsește',
    ru: 'папка для записи; создаётся, если её нет',
  }),
  'export.deidentify': said({
    en: 'without the patient: basic, or with options, as basic+dates+characteristics (PS3.15 Annex E); +inspected: somebody has looked for text in the pixels',
    ro: 'fără pacient: basic sau cu opțiuni, de exemplu basic+dates+characteristics (PS3.15 anexa E); +inspected: cineva a verificat dacă există text în pixeli',
    ru: 'без пациента: basic или с дополнениями, например basic+dates+characteristics (PS3.15, приложение E); +inspected: человек проверил, нет ли текста на изображениях',
  }),
  'export.blank': said({
    en: 'rectangle to blank where text may be burned in, as x,y,width,height; may be repeated',
    ro: 'dreptunghi de acoperit acolo unde pot fi inscripții în imagine: x,y,lățime,înălțime; se poate repeta',
    ru: 'прямоугольник, закрашиваемый там, где на снимке может быть текст: x,y,ширина,высота; можно повторять',
  }),
  'export.leaveOut': said({
    en: 'leave out documents, and images in which text may be burned in',
    ro: 'lasă deoparte documentele și imaginile care pot avea inscripții',
    ru: 'пропустить документы и снимки, на которых может быть текст',
  }),
  'export.leftOut': said({
    en: '{leftOut} objects left out: documents, or images into which text may be burned',
    ro: 'Obiecte lăsate deoparte: {leftOut} (documente sau imagini care pot avea inscripții)',
    ru: 'Пропущено объектов: {leftOut} (документы или снимки, на которых может быть текст)',
  }),
  'export.done': said({
    en: '{files} files, {size}, in {out}',
    ro: 'Fișiere: {files}, {size}, în {out}',
    ru: 'Файлов: {files}, {size}, в {out}',
  }),
  'report.about': said({
    en: 'show a structured report as text',
    ro: 'arată un raport structurat ca text',
    ru: 'показать структурированный отчёт как текст',
  }),
  'conclude.about': said({
    en: 'write a conclusion into a study, as a structured report; unverified',
    ro: 'scrie o concluzie într-un studiu, ca raport structurat; neverificat',
    ru: 'записать заключение в исследование как структурированный отчёт; неподтверждённый',
  }),
  'conclude.text': said({
    en: 'the conclusion',
    ro: 'concluzia',
    ru: 'заключение',
  }),
  'conclude.findings': said({
    en: 'what was found',
    ro: 'ce s-a constatat',
    ru: 'что обнаружено',
  }),
  'conclude.language': said({
    en: 'language of the texts, as de or ro-MD',
    ro: 'limba textelor, de exemplu de sau ro-MD',
    ru: 'язык текстов, например de или ro-MD',
  }),
  'conclude.instance': said({
    en: 'SOP Instance UIDs that it is about',
    ro: 'SOP Instance UID-urile la care se referă',
    ru: 'SOP Instance UID, к которым оно относится',
  }),
  'conclude.done': said({
    en: 'The conclusion is in the study as {instance}.',
    ro: 'Concluzia se află în studiu ca {instance}.',
    ru: 'Заключение записано в исследование как {instance}.',
  }),
};
