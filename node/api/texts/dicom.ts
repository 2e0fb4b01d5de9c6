// Commands about other DICOM nodes: what came from them and was kept aside, what is asked of them, orders.
import { said } from './said.ts';

export const dicom = {
  'quarantine.about': said({
    en: 'what came in and could not be taken',
    ro: 'ce a sosit și nu a putut fi preluat',
    ru: 'что пришло и не могло быть принято',
  }),
  'quarantine.list.about': said({
    en: 'list what is kept aside',
    ro: 'listează ce este pus deoparte',
    ru: 'перечислить отложенное',
  }),
  'quarantine.show.about': said({
    en: 'show one object that is kept aside',
    ro: 'arată un obiect pus deoparte',
    ru: 'показать один отложенный объект',
  }),
  'quarantine.retry.about': said({
    en: 'try to take one in again',
    ro: 'încearcă din nou să preia unul',
    ru: 'попробовать принять его снова',
  }),
  'quarantine.diff.about': said({
    en: 'in what one differs from what is stored under its SOP Instance UID',
    ro: 'prin ce diferă unul de ceea ce este păstrat sub SOP Instance UID-ul lui',
    ru: 'чем он отличается от того, что хранится под его SOP Instance UID',
  }),
  'quarantine.diff.head': said({
    en: 'Attribute|Stored|Came',
    ro: 'Atribut|Păstrat|Sosit',
    ru: 'Атрибут|Хранится|Пришло',
  }),
  'quarantine.diff.none': said({
    en: 'No attribute differs: the pixels or other long values do. Save it to compare the bytes.',
    ro: 'Niciun atribut nu diferă: diferă pixelii sau alte valori lungi. Salvați obiectul ca să comparați octeții.',
    ru: 'Атрибуты совпадают: различаются пиксели или другие длинные значения. Сохраните объект, чтобы сравнить байты.',
  }),
  'quarantine.resolve.about': said({
    en: 'decide what becomes of one',
    ro: 'decide ce se întâmplă cu unul',
    ru: 'решить, что с ним станет',
  }),
  'quarantine.resolve.action': said({
    en: 'keep: this one goes; replace: the stored one is kept aside instead; both: stored too under a new UID; assign: to the patient of its study; move: its study to the patient it names; retry; drop',
    ro: 'keep: acesta se șterge; replace: în locul lui se pune deoparte cel păstrat; both: se păstrează și el, sub un UID nou; assign: trece la pacientul studiului său; move: studiul său trece la pacientul pe care îl numește; retry: încă o încercare; drop: se șterge',
    ru: 'keep: этот удаляется; replace: вместо него откладывается хранимый; both: сохраняется тоже, под новым UID; assign: пациенту своего исследования; move: его исследование — пациенту, которого он называет; retry: ещё раз; drop: удаляется',
  }),
  'quarantine.resolve.transferSyntax': said({
    en: 'of retry: read it as this transfer syntax',
    ro: 'pentru retry: citește-l în această sintaxă de transfer',
    ru: 'для retry: читать в этом синтаксисе передачи',
  }),
  'quarantine.resolve.trust': said({
    en: 'of retry: believe the data set, not what was announced',
    ro: 'pentru retry: crede setul de date, nu ce a fost anunțat',
    ru: 'для retry: верить набору данных, а не тому, что было объявлено',
  }),
  'quarantine.resolve.note': said({
    en: 'why, for the audit log',
    ro: 'de ce, pentru jurnalul de audit',
    ru: 'почему, для журнала аудита',
  }),
  'quarantine.save.about': said({
    en: 'write the bytes of one to a file',
    ro: 'scrie octeții unuia într-un fișier',
    ru: 'записать байты объекта в файл',
  }),
  'quarantine.save.out': said({
    en: 'file to write; there must be none of this name',
    ro: 'fișierul de scris; nu trebuie să existe unul cu acest nume',
    ru: 'файл для записи; файла с таким именем быть не должно',
  }),
  'quarantine.save.done': said({
    en: '{size} in {out}',
    ro: '{size} în {out}',
    ru: '{size} в {out}',
  }),
  'quarantine.head': said({
    en: 'ID|Kind|Reason|Bytes|At',
    ro: 'ID|Fel|Motiv|Octeți|Când',
    ru: 'ID|Вид|Причина|Объём|Когда',
  }),
  'quarantine.retry.done': said({
    en: '{id}: {outcome}',
    ro: '{id}: {outcome}',
    ru: '{id}: {outcome}',
  }),
  'pacs.about': said({
    en: 'other DICOM nodes: the PACS, workstations, archives',
    ro: 'alte noduri DICOM: PACS, stații de lucru, arhive',
    ru: 'другие узлы DICOM: PACS, рабочие станции, архивы',
  }),
  'pacs.list.about': said({
    en: 'the nodes that dimse.remotes in peer.json names',
    ro: 'nodurile numite de dimse.remotes în peer.json',
    ru: 'узлы, названные в dimse.remotes в peer.json',
  }),
  'pacs.head': said({
    en: 'AE title|Host|Port|TLS',
    ro: 'AE title|Gazdă|Port|TLS',
    ru: 'AE title|Хост|Порт|TLS',
  }),
  'pacs.echo.about': said({
    en: 'ask whether a node is there (C-ECHO)',
    ro: 'întreabă dacă un nod răspunde (C-ECHO)',
    ru: 'спросить, отвечает ли узел (C-ECHO)',
  }),
  'pacs.echo.done': said({
    en: '{ae} answers ({ms} ms).',
    ro: '{ae} răspunde ({ms} ms).',
    ru: '{ae} отвечает ({ms} мс).',
  }),
  'pacs.find.about': said({
    en: 'what a node has (C-FIND)',
    ro: 'ce are un nod (C-FIND)',
    ru: 'что есть на узле (C-FIND)',
  }),
  'pacs.find.head': said({
    en: 'Patient|Name|Date|Modality|Description|Study|Series|Instance',
    ro: 'Pacient|Nume|Data|Modalitate|Descriere|Studiu|Serie|Instanță',
    ru: 'Пациент|Имя|Дата|Модальность|Описание|Исследование|Серия|Экземпляр',
  }),
  'pacs.find.more': said({
    en: 'There is more; ask more narrowly.',
    ro: 'Există mai multe; restrângeți căutarea.',
    ru: 'Есть ещё; сузьте поиск.',
  }),
  'pacs.level': said({
    en: 'PATIENT, STUDY, SERIES or IMAGE',
    ro: 'PATIENT, STUDY, SERIES sau IMAGE',
    ru: 'PATIENT, STUDY, SERIES или IMAGE',
  }),
  'pacs.key': said({
    en: 'keyword or tag and what it must match, as PatientID=123 or StudyDate=20260101-',
    ro: 'cuvânt-cheie sau etichetă și valoarea căutată, de exemplu PatientID=123 sau StudyDate=20260101-',
    ru: 'ключевое слово или тег и искомое значение, например PatientID=123 или StudyDate=20260101-',
  }),
  'pacs.pull.about': said({
    en: 'fetch a study from a node (C-GET, else C-MOVE to us)',
    ro: 'aduce un studiu de la un nod (C-GET, altfel C-MOVE către noi)',
    ru: 'получить исследование с узла (C-GET, иначе C-MOVE к нам)',
  }),
  'pacs.commit.about': said({
    en: 'ask a node to confirm that it keeps what is kept here of a study (storage commitment)',
    ro: 'cere unui nod să confirme că păstrează ce se păstrează aici dintr-un studiu (storage commitment)',
    ru: 'попросить узел подтвердить, что он хранит то, что хранится здесь из исследования (storage commitment)',
  }),
  'pacs.commit.reason': said({
    en: '{instances} not kept: {why}',
    ro: 'nepăstrate: {instances}, fiindcă {why}',
    ru: 'не хранится: {instances}, так как {why}',
  }),
  'pacs.commit.unsaid': said({
    en: 'it says nothing of them',
    ro: 'nu spune nimic despre ele',
    ru: 'о них ничего не сказано',
  }),
  'pacs.commit.0110': said({
    en: 'processing failure (0110H)',
    ro: 'prelucrarea a eșuat (0110H)',
    ru: 'обработка не удалась (0110H)',
  }),
  'pacs.commit.0112': said({
    en: 'it does not have them (0112H)',
    ro: 'nu le are (0112H)',
    ru: 'там их нет (0112H)',
  }),
  'pacs.commit.0119': said({
    en: 'they are of another SOP class there (0119H)',
    ro: 'acolo sunt de altă clasă SOP (0119H)',
    ru: 'там они другого класса SOP (0119H)',
  }),
  'pacs.commit.0122': said({
    en: 'it does not take their SOP class (0122H)',
    ro: 'nu acceptă clasa lor SOP (0122H)',
    ru: 'там не принимают их класс SOP (0122H)',
  }),
  'pacs.commit.0131': said({
    en: 'the transaction was used before (0131H)',
    ro: 'tranzacția a mai fost folosită (0131H)',
    ru: 'транзакция уже использовалась (0131H)',
  }),
  'pacs.commit.0213': said({
    en: 'it lacks resources (0213H)',
    ro: 'nu are destule resurse (0213H)',
    ru: 'там не хватает ресурсов (0213H)',
  }),
  'pacs.send.about': said({
    en: 'send what is kept here of a study to a node (C-STORE)',
    ro: 'trimite unui nod ce se păstrează aici dintr-un studiu (C-STORE)',
    ru: 'отправить на узел то, что хранится здесь из исследования (C-STORE)',
  }),
  'pacs.series': said({
    en: 'only this series',
    ro: 'doar această serie',
    ru: 'только эту серию',
  }),
  'pacs.instance': said({
    en: 'only this instance',
    ro: 'doar această instanță',
    ru: 'только этот экземпляр',
  }),
  'pacs.noWait': said({
    en: 'leave it to the queue instead of waiting',
    ro: 'lasă totul în coadă, fără a aștepta',
    ru: 'оставить в очереди и не ждать',
  }),
  'pacs.job.progress': said({
    en: '{done} of {total} instances, {failed} failed',
    ro: 'instanțe: {done} din {total}, eșuate {failed}',
    ru: 'экземпляров {done} из {total}, не удалось {failed}',
  }),
  'pacs.job.done': said({
    en: '{state}: {done} of {total} instances, {failed} failed {by}',
    ro: '{state}: instanțe {done} din {total}, eșuate {failed} {by}',
    ru: '{state}: экземпляров {done} из {total}, не удалось {failed} {by}',
  }),
  'routing.about': said({
    en: 'what waits to be sent on to other DICOM nodes',
    ro: 'ce așteaptă să fie trimis mai departe altor noduri DICOM',
    ru: 'что ждёт отправки на другие узлы DICOM',
  }),
  'routing.head': said({
    en: 'AE title|State|Waiting|Failed|Sent|Next attempt|Code',
    ro: 'AE title|Stare|În așteptare|Eșuate|Trimise|Următoarea încercare|Cod',
    ru: 'AE title|Состояние|Ожидает|Не удалось|Отправлено|Следующая попытка|Код',
  }),
  'orders.about': said({
    en: 'orders for imaging: what scanners see as their worklist',
    ro: 'solicitările de examinări imagistice: ce văd aparatele ca listă de lucru',
    ru: 'направления на исследования: что аппараты видят как рабочий список',
  }),
  'orders.list.about': said({
    en: 'list the orders',
    ro: 'listează solicitările',
    ru: 'перечислить направления',
  }),
  'orders.show.about': said({
    en: 'show one order',
    ro: 'arată o solicitare',
    ru: 'показать одно направление',
  }),
  'orders.add.about': said({
    en: 'place the orders of a file: FHIR R4 JSON or an HL7 v2 message',
    ro: 'înregistrează solicitările dintr-un fișier: FHIR R4 JSON sau un mesaj HL7 v2',
    ru: 'внести направления из файла: FHIR R4 JSON или сообщение HL7 v2',
  }),
  'orders.add.done': said({
    en: '{orders}',
    ro: '{orders}',
    ru: '{orders}',
  }),
  'orders.cancel.about': said({
    en: 'cancel an order',
    ro: 'anulează o solicitare',
    ru: 'отменить направление',
  }),
  'orders.cancel.done': said({
    en: '{id} is cancelled',
    ro: '{id} este anulată',
    ru: '{id}: отменено',
  }),
  'orders.head': said({
    en: 'ID|Accession|Status|Steps|Ordered',
    ro: 'ID|Număr de acces|Stare|Etape|Solicitată',
    ru: 'ID|Учётный номер|Состояние|Этапы|Назначено',
  }),
};
