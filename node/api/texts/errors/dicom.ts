// DICOM by itself: reading, searching, reports, pixels, de-identification, import.
import type { ErrorSentences } from './families.ts';

export const dicom: ErrorSentences<'dicom'> = {
  'dicom/not-dicom': {
    ro: 'Acesta nu este un fișier sau un set de date DICOM.',
    ru: 'Это не файл и не набор данных DICOM.',
  },
  'dicom/truncated': {
    ro: 'Setul de date se termină la mijlocul unui element; trimiteți-l din nou întreg.',
    ru: 'Набор данных обрывается посреди элемента; отправьте его снова целиком.',
  },
  'dicom/length': {
    ro: 'Un element este mai lung decât elementul sau secvența care îl conține.',
    ru: 'Элемент длиннее, чем содержащий его элемент или последовательность.',
  },
  'dicom/too-deep': {
    ro: 'Secvențele au mai multe niveluri decât se permite.',
    ru: 'Последовательности вложены глубже, чем допускается.',
  },
  'dicom/too-many': {
    ro: 'Setul de date are mai multe elemente sau fragmente decât se permite.',
    ru: 'В наборе данных больше элементов или фрагментов, чем допускается.',
  },
  'dicom/malformed': {
    ro: 'Setul de date are un delimitator sau un element acolo unde nu poate fi niciunul.',
    ru: 'В наборе данных есть разделитель или элемент там, где их быть не может.',
  },
  'dicom/transfer-syntax': {
    ro: 'Sintaxa de transfer lipsește, nu este valabilă sau nu este cea a datelor.',
    ru: 'Синтаксис передачи не указан, недопустим или не соответствует данным.',
  },
  'dicom/deflate': {
    ro: 'Setul de date comprimat (deflate) nu poate fi decomprimat; trimiteți-l din nou.',
    ru: 'Сжатый (deflate) набор данных не распаковывается; отправьте его снова.',
  },
  'dicom/inflates-too-far': {
    ro: 'Setul de date comprimat (deflate) devine mai mare decât se permite.',
    ru: 'Сжатый (deflate) набор данных распаковывается в больший объём, чем допускается.',
  },
  'dicom/uid-missing': {
    ro: 'Lipsește UID-ul clasei SOP, al instanței SOP, al studiului sau al seriei.',
    ru: 'Нет UID класса SOP, экземпляра SOP, исследования или серии.',
  },
  'dicom/uid-invalid': {
    ro: 'Un UID nu este format din cifre și puncte, cel mult 64 de caractere (PS3.5 9).',
    ru: 'UID состоит не из цифр и точек или длиннее 64 знаков (PS3.5 9).',
  },
  'dicom/sop-mismatch': {
    ro: 'Setul de date este de altă clasă SOP sau instanță decât s-a anunțat.',
    ru: 'Набор данных другого класса SOP или экземпляра, чем было объявлено.',
  },
  'dicom/directory': {
    ro: 'Acesta este un DICOMDIR, nu o instanță; importați dosarul în care se află.',
    ru: 'Это DICOMDIR, а не экземпляр; импортируйте папку, в которой он лежит.',
  },
  'dicom/meta': {
    ro: 'Antetul meta al fișierului este stricat sau prea lung.',
    ru: 'Метазаголовок файла испорчен или слишком длинный.',
  },
  'dicom/unwritable': {
    ro: 'Un atribut are o valoare care nu poate fi scrisă ca DICOM; corectați ce este numit.',
    ru: 'У атрибута значение, которое нельзя записать в DICOM; исправьте названное.',
  },
  'dicom/document': {
    ro: 'Documentul nu este de felul declarat sau nu este unul pe care DICOM îl poate conține.',
    ru: 'Документ не того вида, каким назван, или такого, какой DICOM не может содержать.',
  },

  'query/key': {
    ro: 'Interogarea folosește un atribut sau o valoare după care nu se poate căuta; corectați ce este numit.',
    ru: 'В запросе атрибут или значение, по которым искать нельзя; исправьте названное.',
  },
  'query/hierarchy': {
    ro: 'Interogării îi lipsește cheia unică a unui nivel superior; numiți pacientul, studiul sau seria.',
    ru: 'В запросе нет уникального ключа вышестоящего уровня; назовите пациента, исследование или серию.',
  },
  'query/too-broad': {
    ro: 'Căutarea ar trebui să citească prea multe instanțe; restrângeți-o după pacient, studiu, dată sau modalitate.',
    ru: 'Для поиска пришлось бы прочесть слишком много экземпляров; сузьте его по пациенту, исследованию, дате или модальности.',
  },

  'report/none': {
    ro: 'Instanța nu este un raport structurat; nimic din ea nu poate fi arătat astfel.',
    ru: 'Экземпляр не является структурированным отчётом; показать его как отчёт нельзя.',
  },
  'report/not-kept': {
    ro: 'Documentul nu a putut fi pus în studiul său și a fost pus deoparte; căutați-l în carantină.',
    ru: 'Документ не удалось поместить в его исследование, и он отложен; загляните в карантин.',
  },

  'pixels/none': {
    ro: 'Instanța nu are pixeli care să poată fi arătați.',
    ru: 'В экземпляре нет пикселей, которые можно показать.',
  },
  'pixels/unsupported': {
    ro: 'Acești pixeli nu pot fi decodați aici; cereți instanța așa cum este păstrată (transfer-syntax=*).',
    ru: 'Эти пиксели здесь не декодируются; получите экземпляр в том виде, в каком он хранится (transfer-syntax=*).',
  },
  'pixels/corrupt': {
    ro: 'Cadrul comprimat este deteriorat sau nu are mărimea numită de instanța sa; cereți-l așa cum este păstrat.',
    ru: 'Сжатый кадр повреждён или не того размера, который назван в экземпляре; получите его в том виде, в каком он хранится.',
  },
  'pixels/too-large': {
    ro: 'Cadrul este mai mare decât se decodează aici; cereți-l așa cum este păstrat.',
    ru: 'Кадр больше, чем здесь декодируется; получите его в том виде, в каком он хранится.',
  },
  'pixels/busy': {
    ro: 'Prea multe cadre așteaptă decodarea; încercați din nou peste o clipă.',
    ru: 'Слишком много кадров ждут декодирования; попробуйте чуть позже.',
  },
  'pixels/deadline': {
    ro: 'Decodarea sau codarea cadrului a durat mai mult decât se permite; cereți-l așa cum este păstrat.',
    ru: 'Декодирование или кодирование кадра длилось дольше, чем допускается; получите его в том виде, в каком он хранится.',
  },
  'pixels/worker': {
    ro: 'Procesul care decodează cadrele s-a încheiat neașteptat; încercați din nou.',
    ru: 'Процесс, декодирующий кадры, неожиданно завершился; попробуйте ещё раз.',
  },
  'pixels/cannot-encode': {
    ro: 'Pixelii de acest fel nu pot fi scriși în sintaxa de transfer cerută; cereți alta sau așa cum sunt păstrați.',
    ru: 'Пиксели такого вида нельзя записать в запрошенном синтаксисе передачи; запросите другой или тот, в котором они хранятся.',
  },
  'pixels/not-lossless': {
    ro: 'Cadrul codat nu ar fi identic cu cel păstrat; cereți altă sintaxă de transfer.',
    ru: 'Закодированный кадр отличался бы от хранимого; запросите другой синтаксис передачи.',
  },

  'deid/profile': {
    ro: 'Acesta nu este un profil de dezidentificare; scrieți basic, apoi eventuale opțiuni, de exemplu basic+dates+characteristics.',
    ru: 'Это не профиль обезличивания; напишите basic, затем дополнения, например basic+dates+characteristics.',
  },
  'deid/burned-in': {
    ro: 'În imagine poate fi inscripționat text; numiți zonele de acoperit, lăsați deoparte astfel de imagini sau declarați că o persoană le-a verificat.',
    ru: 'На изображении может быть текст; назовите закрашиваемые области, пропустите такие снимки или укажите, что их проверил человек.',
  },
  'deid/compressed': {
    ro: 'Zone din acești pixeli comprimați nu pot fi acoperite aici; lăsați imaginea deoparte sau trimiteți-o necomprimată.',
    ru: 'Области этих сжатых пикселей здесь закрасить нельзя; пропустите снимок или пришлите его несжатым.',
  },
  'deid/regions': {
    ro: 'O zonă de acoperit nu se află în interiorul imaginii.',
    ru: 'Закрашиваемая область выходит за пределы изображения.',
  },
  'deid/pixels': {
    ro: 'Pixelii așezați în acest mod nu pot fi acoperiți; lăsați imaginea deoparte.',
    ru: 'Пиксели, расположенные таким образом, закрасить нельзя; пропустите снимок.',
  },
  'deid/too-large': {
    ro: 'Antetul este prea lung pentru a fi dezidentificat; lăsați instanța deoparte.',
    ru: 'Заголовок слишком длинный для обезличивания; пропустите экземпляр.',
  },
  'deid/document': {
    ro: 'Un document încapsulat (un PDF, un CDA, un model) nu poate fi curățat de datele pacientului; lăsați astfel de obiecte deoparte.',
    ru: 'Вложенный документ (PDF, CDA, модель) нельзя очистить от данных пациента; пропустите такие объекты.',
  },

  'import/conflict': {
    ro: 'Un alt obiect cu acest SOP Instance UID este deja păstrat; cel nou a fost pus deoparte ca fiind în conflict.',
    ru: 'Другой объект с этим SOP Instance UID уже хранится; новый отложен как конфликт.',
  },
  'import/patient-differs': {
    ro: 'Aici studiul aparține altui pacient; obiectul a fost pus deoparte, ca să decidă o persoană.',
    ru: 'Здесь исследование принадлежит другому пациенту; объект отложен до решения человека.',
  },
  'import/not-dicom': {
    ro: 'Acesta nu este un fișier DICOM.',
    ru: 'Это не файл DICOM.',
  },
  'import/archive': {
    ro: 'Arhivele nu se deschid; despachetați-o și importați dosarul.',
    ru: 'Архивы не открываются; распакуйте его и импортируйте папку.',
  },
  'import/other-study': {
    ro: 'Instanța aparține altui studiu decât cel la care a fost trimisă; nimic din ea nu a fost păstrat.',
    ru: 'Экземпляр принадлежит не тому исследованию, в которое его отправили; ничего из него не сохранено.',
  },
  'import/missing': {
    ro: 'DICOMDIR numește acest fișier, dar el nu este acolo; căutați-l.',
    ru: 'DICOMDIR называет этот файл, но его там нет; найдите его.',
  },
  'import/patient-system': {
    ro: 'Niciun emitent nu corespunde acestui sistem de identificare; adăugați unul la patientId.issuers în configurație.',
    ru: 'Этой системе идентификаторов не соответствует ни один источник; добавьте его в patientId.issuers в настройках.',
  },
  'import/replaced': {
    ro: 'O persoană a pus alt obiect în locul lui; acesta se păstrează până când cineva îl șterge.',
    ru: 'Человек поставил на его место другой объект; этот хранится, пока кто-нибудь его не удалит.',
  },
  'import/archive-damaged': {
    ro: 'Arhiva sau acest fișier din ea este deteriorat, criptat sau împachetat într-un mod care nu se deschide; împachetați din nou ca zip.',
    ru: 'Архив или этот файл в нём повреждён, зашифрован или упакован так, что не открывается; упакуйте снова как zip.',
  },
  'import/archive-limit': {
    ro: 'Arhiva conține mai multe fișiere, mai mulți octeți sau mai mult spațiu gol decât se permite; despachetați-o și importați dosarul.',
    ru: 'В архиве больше файлов, байтов или пустого места, чем допускается; распакуйте его и импортируйте папку.',
  },
  'import/kind': {
    ro: 'Doar PDF, JPEG, PNG, MP4 și STL devin obiecte DICOM ale unui pacient; convertiți fișierul într-unul dintre acestea.',
    ru: 'Объектами DICOM для пациента становятся только PDF, JPEG, PNG, MP4 и STL; преобразуйте файл в один из этих видов.',
  },
  'import/content': {
    ro: 'Fișierul este deteriorat sau de o formă pe care DICOM nu o conține; convertiți-l (JPEG baseline, PNG, MP4 cu H.264 sau H.265).',
    ru: 'Файл повреждён или такого вида, какого DICOM не содержит; преобразуйте его (JPEG baseline, PNG, MP4 с H.264 или H.265).',
  },
  'import/too-large': {
    ro: 'Fișierul este prea lung pentru a deveni obiect DICOM; micșorați-l.',
    ru: 'Файл слишком длинный, чтобы стать объектом DICOM; уменьшите его.',
  },
  'import/bulk-missing': {
    ro: 'Metadatele numesc date voluminoase din care nu a sosit nicio parte sau au sosit mai multe decât s-au numit; trimiteți ambele.',
    ru: 'Метаданные называют объёмные данные, от которых не пришло ни одной части, или пришло больше названного; отправьте и то и другое.',
  },
  'import/study-full': {
    ro: 'Studiul are atâtea serii sau instanțe câte poate avea aici un studiu; trimiteți ce este nou ca alt studiu.',
    ru: 'В исследовании уже столько серий или экземпляров, сколько здесь может быть в одном; отправьте новое как другое исследование.',
  },
  'import/broken-off': {
    ro: 'Expeditorul a întrerupt trimiterea la mijloc; trimiteți din nou.',
    ru: 'Отправитель прервал отправку на середине; отправьте снова.',
  },

  'aside/unknown': {
    ro: 'Nimic cu acest id nu este pus deoparte; vedeți lista afișată de quarantine list.',
    ru: 'Ничего с таким id не отложено; смотрите список, который выводит quarantine list.',
  },
  'aside/action': {
    ro: 'Aceasta nu se poate decide pentru ce a fost pus deoparte din acest motiv; vedeți quarantine show.',
    ru: 'Для отложенного по этой причине такое решение невозможно; смотрите quarantine show.',
  },
};
