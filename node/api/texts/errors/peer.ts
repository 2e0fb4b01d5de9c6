// This peer: its store and vault, what its users name, HTTP.
import type { ErrorSentences } from './families.ts';

export const peer: ErrorSentences<'peer'> = {
  'store/locked': {
    ro: 'Dosarul cu date este folosit de alt proces; opriți-l sau folosiți alt dosar cu --data.',
    ru: 'Папка данных занята другим процессом; остановите его или укажите другую папку через --data.',
  },
  'store/unreadable': {
    ro: 'Baza de date din dosarul cu date nu poate fi deschisă; verificați discul și drepturile sau restaurați o copie de rezervă.',
    ru: 'База в папке данных не открывается; проверьте диск и права доступа или восстановите резервную копию.',
  },
  'store/corrupt': {
    ro: 'Ceva din ce este păstrat nu trece verificarea; restaurați dintr-o copie de rezervă sau preluați din nou de la alt spital.',
    ru: 'Что-то из хранимого не проходит проверку; восстановите это из резервной копии или получите заново из другой больницы.',
  },
  'store/object-missing': {
    ro: 'Un obiect păstrat nu mai este acolo; restaurați-l dintr-o copie de rezervă sau preluați-l din nou de la alt spital.',
    ru: 'Хранимого объекта нет на месте; восстановите его из резервной копии или получите заново из другой больницы.',
  },
  'store/full': {
    ro: 'Discul este plin sau sub storage.minFreeBytes; eliberați spațiu, apoi trimiteți din nou.',
    ru: 'Диск полон или свободно меньше storage.minFreeBytes; освободите место и отправьте снова.',
  },
  'store/format': {
    ro: 'Dosarul cu date a fost scris de o versiune mai nouă; instalați acea versiune.',
    ru: 'Папка данных записана более новой версией; установите её.',
  },

  'store/absent': {
    ro: 'Un dosar al acestui nod lipsește, este gol, incomplet sau al altui nod și a fost lăsat așa cum este: montați sau restaurați ce ține de el și porniți din nou; storage adopt preia ceea ce și-a pierdut doar fișierul store.id.',
    ru: 'Папки этого узла нет, она пуста, неполна или принадлежит другому узлу; в ней ничего не изменено: подключите или восстановите то, что в ней должно быть, и запустите снова; storage adopt принимает то, что лишь потеряло свой store.id.',
  },
  'vault/damaged': {
    ro: 'Fișierul vault.json este gol sau deteriorat, iar fără el nimic de aici nu se deschide; restaurați-l dintr-o copie de rezervă.',
    ru: 'Файл vault.json пуст или повреждён, а без него здесь ничего не открывается; восстановите его из резервной копии.',
  },
  'store/read-only': {
    ro: 'Discul a devenit doar pentru citire, ca după o defecțiune; reparați-l și montați-l pentru scriere, apoi porniți nodul din nou.',
    ru: 'Диск стал доступен только для чтения, как после сбоя; исправьте его, подключите для записи и снова запустите узел.',
  },
  'store/failing': {
    ro: 'Discul nu reușește să citească sau să scrie; vedeți jurnalul sistemului, reparați-l sau înlocuiți-l, apoi porniți nodul din nou.',
    ru: 'Диск не читает или не пишет; посмотрите системный журнал, исправьте или замените диск и снова запустите узел.',
  },
  'vault/missing': {
    ro: 'În acest dosar cu date nu este niciun nod; rulați mai întâi init sau indicați alt dosar cu --data.',
    ru: 'В этой папке данных нет узла; сначала выполните init или укажите другую папку через --data.',
  },
  'vault/readable': {
    ro: 'Fișierul seifului poate fi citit de alții pe acest calculator; faceți-l citibil doar pentru proprietar (chmod 600).',
    ru: 'Файл хранилища ключей могут читать другие на этом компьютере; оставьте его доступным только владельцу (chmod 600).',
  },
  'vault/passphrase': {
    ro: 'Fraza de acces lipsește sau este greșită; puneți în DICOMNET_PASSPHRASE pe cea folosită la init.',
    ru: 'Парольная фраза не указана или неверна; задайте в DICOMNET_PASSPHRASE ту, что была при init.',
  },

  'patient/unknown': {
    ro: 'Aici nu există o astfel de fișă de pacient; vedeți lista afișată de patients.',
    ru: 'Такой карты пациента здесь нет; смотрите список, который выводит patients.',
  },

  'patient/decision': {
    ro: 'Pentru această fișă nu este nimic de acest fel de decis sau de anulat; vedeți doubt în lista afișată de patients.',
    ru: 'Для этой карты нечего так решать или отменять; смотрите doubt в списке, который выводит patients.',
  },

  'study/unknown': {
    ro: 'Aici nu se păstrează niciun studiu cu acest Study Instance UID; căutați-l în portal sau prin QIDO-RS.',
    ru: 'Исследования с этим Study Instance UID здесь нет; найдите его в портале или через QIDO-RS.',
  },

  'peer/not-running': {
    ro: 'Niciun nod nu rulează pe acest dosar cu date; porniți-l cu: npm run -s dicomnet -- start --data DIR (sau npm start pentru ./data).',
    ru: 'На этой папке данных узел не работает; запустите его: npm run -s dicomnet -- start --data DIR (или npm start для ./data).',
  },
  'peer/answer': {
    ro: 'Nodul a răspuns într-un mod pe care această comandă nu îl înțelege; folosiți aceeași versiune pentru ambele.',
    ru: 'Узел ответил так, что эта команда его не понимает; используйте одну версию того и другого.',
  },
  'peer/exists': {
    ro: 'În acest dosar cu date există deja un nod; folosiți alt dosar cu --data.',
    ru: 'В этой папке данных уже есть узел; укажите другую папку через --data.',
  },

  'file/missing': {
    ro: 'Nu există un astfel de fișier sau dosar; verificați calea.',
    ru: 'Такого файла или такой папки нет; проверьте путь.',
  },
  'file/unreadable': {
    ro: 'Fișierul sau dosarul nu poate fi citit sau scris; verificați drepturile și felul lui.',
    ru: 'Файл или папку нельзя прочесть или записать; проверьте права доступа и вид файла.',
  },
  'file/exists': {
    ro: 'Există deja un fișier cu acest nume; indicați un dosar gol.',
    ru: 'Файл с таким именем уже есть; укажите пустую папку.',
  },

  'cli/misuse': {
    ro: 'Linia de comandă nu este corectă; adăugați --help ca să vedeți ce primește comanda.',
    ru: 'Командная строка неверна; добавьте --help, чтобы увидеть, что принимает команда.',
  },
  'cli/failed': {
    ro: 'A eșuat ceva ce nu ar fi trebuit; rulați din nou cu DICOMNET_LOG=debug și raportați ce se afișează.',
    ru: 'Не удалось то, что должно было удаться; запустите снова с DICOMNET_LOG=debug и сообщите, что выводится.',
  },

  'config/invalid': {
    ro: 'Configurația peer.json nu este valabilă; corectați ce este numit.',
    ru: 'Настройки peer.json неверны; исправьте названное.',
  },

  'user/exists': {
    ro: 'Există deja un utilizator cu acest nume.',
    ru: 'Пользователь с таким именем уже есть.',
  },

  'user/unknown': {
    ro: 'Nu există un utilizator cu acest nume; vedeți user list.',
    ru: 'Пользователя с таким именем нет; см. user list.',
  },
  'user/wait': {
    ro: 'Prea multe parole greșite pentru acest cont; așteptați secundele indicate și încercați din nou.',
    ru: 'Слишком много неверных паролей для этой учётной записи; подождите указанные секунды и попробуйте снова.',
  },
  'user/password-weak': {
    ro: 'Parola trebuie să aibă cel puțin 12 caractere și să nu conțină numele.',
    ru: 'Пароль должен быть не короче 12 символов и не содержать имени.',
  },
  'user/not-signed-in': {
    ro: 'Aceasta este pentru utilizatorii autentificați cu parolă; jetonul unui program nu are parolă.',
    ru: 'Это для пользователей, вошедших с паролем; у токена программы пароля нет.',
  },
  'user/token-unknown': {
    ro: 'Nu există un jeton cu acest identificator; vedeți token list.',
    ru: 'Токена с таким идентификатором нет; см. token list.',
  },
  'user/token-console': {
    ro: 'Acesta este jetonul dosarului de date, de care comenzile au nevoie; nu se încheie.',
    ru: 'Это токен папки данных, он нужен командам; его нельзя прекратить.',
  },

  'http/host': {
    ro: 'Acest nod nu este cunoscut sub numele de gazdă cu care a fost apelat; adăugați-l la http.names sau http.publicUrl în peer.json.',
    ru: 'Этот узел не известен под именем, по которому к нему обратились; добавьте его в http.names или http.publicUrl в peer.json.',
  },
  'http/unauthorized': {
    ro: 'Autentificați-vă sau trimiteți un jeton valabil ca Authorization: Bearer.',
    ru: 'Войдите или отправьте действующий токен как Authorization: Bearer.',
  },
  'http/forbidden': {
    ro: 'Rolul dumneavoastră nu permite aceasta; întrebați un administrator.',
    ru: 'Ваша роль этого не разрешает; обратитесь к администратору.',
  },
  'http/not-found': {
    ro: 'La această adresă nu este nimic.',
    ru: 'По этому адресу ничего нет.',
  },
  'http/invalid': {
    ro: 'Cererea HTTP nu este valabilă.',
    ru: 'Запрос HTTP неверен.',
  },
  'http/internal': {
    ro: 'Nodul a eșuat dintr-o eroare proprie; jurnalul lui spune cum.',
    ru: 'Узел отказал по собственной вине; подробности в его журнале.',
  },
  'http/too-large': {
    ro: 'Cererea este mai lungă decât primește această rută.',
    ru: 'Запрос длиннее, чем принимает этот маршрут.',
  },
  'http/media-type': {
    ro: 'Corpul are alt tip media decât primește această rută.',
    ru: 'Тело запроса не того типа, который принимает этот маршрут.',
  },
  'http/not-acceptable': {
    ro: 'Aceasta nu poate fi dată în tipul media sau în sintaxa de transfer cerută; cereți așa cum este păstrat (transfer-syntax=*).',
    ru: 'Это нельзя отдать в запрошенном типе или синтаксисе передачи; запросите в том виде, в каком хранится (transfer-syntax=*).',
  },
  'http/too-many': {
    ro: 'De la această adresă au venit prea multe cereri; așteptați puțin.',
    ru: 'С этого адреса пришло слишком много запросов; подождите немного.',
  },
  'http/frames': {
    ro: 'Instanța nu are un astfel de cadru care să poată fi citit separat; cereți instanța întreagă.',
    ru: 'В экземпляре нет такого кадра, который читается отдельно; получите экземпляр целиком.',
  },
  'http/range': {
    ro: 'Intervalul de octeți cerut nu există.',
    ru: 'Запрошенного диапазона байтов нет.',
  },
  'http/multipart': {
    ro: 'Corpul multipart nu respectă RFC 2046 sau are părți mai lungi decât se permite; trimiteți-l din nou.',
    ru: 'Тело multipart не соответствует RFC 2046, или его части длиннее, чем допускается; отправьте его снова.',
  },
};
